import com.jayway.jsonpath.JsonPath;
import com.jayway.jsonpath.spi.json.JsonSmartJsonProvider;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import net.minidev.json.JSONStyle;
import net.minidev.json.JSONValue;

/**
 * What Jayway JsonPath 2.0 says: reads lines `["path","document"]`, writes a line for each:
 * the result as JSON, `nothing` when reading throws, `fault` when compiling does.
 * With the argument `text` a line is a document, and what is written its String.valueOf as JSON.
 */
public final class JaywayOracle {
  private static final JsonSmartJsonProvider PROVIDER = new JsonSmartJsonProvider();

  public static void main(String[] arguments) throws Exception {
    boolean text = arguments.length > 0 && arguments[0].equals("text");
    BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    PrintStream out = new PrintStream(System.out, false, StandardCharsets.UTF_8);
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      if (text) {
        out.println(JSONValue.toJSONString(String.valueOf(PROVIDER.parse(line)), JSONStyle.LT_COMPRESS));
      } else {
        List<?> query = (List<?>) PROVIDER.parse(line);
        out.println(outcome((String) query.get(0), (String) query.get(1)));
      }
    }
    out.flush();
  }

  private static String outcome(String path, String document) {
    JsonPath compiled;
    try {
      compiled = JsonPath.compile(path);
    } catch (RuntimeException fault) {
      return "fault";
    }
    try {
      Object result = compiled.read(PROVIDER.parse(document));
      return result instanceof Map || result instanceof List
          ? PROVIDER.toJson(result)
          : JSONValue.toJSONString(result, JSONStyle.LT_COMPRESS);
    } catch (RuntimeException nothing) {
      return "nothing";
    }
  }

  private JaywayOracle() {}
}
