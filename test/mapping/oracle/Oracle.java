import com.jayway.jsonpath.Configuration;
import com.jayway.jsonpath.JsonPath;
import com.jayway.jsonpath.PathNotFoundException;
import com.jayway.jsonpath.spi.json.JsonSmartJsonProvider;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.io.StringWriter;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import net.minidev.json.JSONObject;
import net.minidev.json.JSONStyle;
import net.minidev.json.JSONValue;
import org.apache.commons.lang.StringEscapeUtils;
import org.apache.velocity.VelocityContext;
import org.apache.velocity.app.VelocityEngine;
import org.apache.velocity.app.event.InvalidReferenceEventHandler;
import org.apache.velocity.context.Context;
import org.apache.velocity.util.introspection.Info;

/**
 * Renders templates with the stock engine, Velocity 1.7, and with globals as API Gateway's
 * recordings show them. One JSON object a line in, {"template", "body", "params", "context",
 * "stageVariables"}; one out, {"text"} or {"error"}.
 */
public class Oracle {
  /** A reference that leads nowhere is the empty text. */
  public static class Nothing implements InvalidReferenceEventHandler {
    public Object invalidGetMethod(Context c, String reference, Object object, String property, Info info) {
      return "";
    }

    public boolean invalidSetMethod(Context c, String left, String right, Info info) {
      return false;
    }

    public Object invalidMethod(Context c, String reference, Object object, String method, Info info) {
      return "";
    }
  }

  /** `$context` and the maps inside it print as nothing. */
  public static class Silent extends LinkedHashMap<Object, Object> {
    @Override
    public String toString() {
      return "";
    }

    static Object of(Object value) {
      if (!(value instanceof Map)) return value;
      Silent silent = new Silent();
      for (Map.Entry<?, ?> entry : ((Map<?, ?>) value).entrySet()) silent.put(entry.getKey(), of(entry.getValue()));
      return silent;
    }
  }

  public static class Input {
    private final String body;
    private final Map<String, Object> params;
    private Object root;
    private boolean read;

    Input(String body, Map<String, Object> params) {
      this.body = body.isEmpty() ? "{}" : body;
      this.params = params;
    }

    public String getBody() {
      return body;
    }

    public Object path(String path) {
      try {
        return find(path);
      } catch (PathNotFoundException e) {
        return null;
      }
    }

    private Object find(String path) {
      if (!read) {
        read = true;
        try {
          root = new JsonSmartJsonProvider().parse(body);
        } catch (RuntimeException e) {
          root = null;
        }
      }
      if (root == null) throw new PathNotFoundException();
      return JsonPath.compile(path).read(root, Configuration.defaultConfiguration());
    }

    public String json(String path) {
      try {
        return JSONValue.toJSONString(find(path), JSONStyle.LT_COMPRESS);
      } catch (PathNotFoundException e) {
        return "\"\"";
      }
    }

    public Map<String, Object> params() {
      return params;
    }

    public String params(String name) {
      for (Object values : params.values()) {
        Object value = ((Map<?, ?>) values).get(name);
        if (value != null) return value.toString();
      }
      return "";
    }
  }

  public static class Util {
    public String escapeJavaScript(Object text) {
      return StringEscapeUtils.escapeJavaScript(String.valueOf(text));
    }

    public Object parseJson(String text) {
      try {
        return new JsonSmartJsonProvider().parse(text);
      } catch (RuntimeException e) {
        return null;
      }
    }

    public String urlEncode(String text) {
      return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    public String urlDecode(String text) {
      return URLDecoder.decode(text, StandardCharsets.UTF_8);
    }

    public String base64Encode(String text) {
      return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    public String base64Decode(String text) {
      return new String(Base64.getDecoder().decode(text), StandardCharsets.UTF_8);
    }
  }

  private static VelocityEngine engine() {
    VelocityEngine engine = new VelocityEngine();
    engine.setProperty("runtime.log.logsystem.class", "org.apache.velocity.runtime.log.NullLogChute");
    engine.setProperty("eventhandler.invalidreferences.class", Nothing.class.getName());
    engine.setProperty("input.encoding", "UTF-8");
    engine.init();
    return engine;
  }

  private static VelocityEngine shared = engine();

  /** Macros live as long as their engine. */
  private static VelocityEngine engineFor(String template) {
    if (template.contains("macro")) return engine();
    return shared;
  }

  private static Map<String, Object> object(Object value) {
    Map<String, Object> object = new LinkedHashMap<>();
    if (value instanceof Map) {
      for (Map.Entry<?, ?> entry : ((Map<?, ?>) value).entrySet()) object.put((String) entry.getKey(), entry.getValue());
    }
    return object;
  }

  static String render(Map<String, Object> given) {
    String template = (String) given.get("template");
    String body = given.get("body") == null ? "" : (String) given.get("body");
    Map<String, Object> params = new LinkedHashMap<>();
    Map<String, Object> sent = object(given.get("params"));
    for (String where : new String[] {"path", "querystring", "header"}) params.put(where, object(sent.get(where)));
    VelocityContext context = new VelocityContext();
    context.put("input", new Input(body, params));
    context.put("util", new Util());
    context.put("stageVariables", object(given.get("stageVariables")));
    Map<Object, Object> variables = (Silent) Silent.of(object(given.get("context")));
    variables.put("requestOverride", Silent.of(object(JSONValue.parse("{\"path\":{},\"header\":{},\"querystring\":{}}"))));
    variables.put("responseOverride", Silent.of(object(JSONValue.parse("{\"header\":{}}"))));
    context.put("context", variables);
    StringWriter writer = new StringWriter();
    engineFor(template).evaluate(context, writer, "template", template);
    return writer.toString();
  }

  public static void main(String[] args) throws Exception {
    BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    PrintStream out = new PrintStream(System.out, true, "UTF-8");
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      JSONObject answer = new JSONObject();
      try {
        answer.put("text", render(object(new JsonSmartJsonProvider().parse(line))));
      } catch (Throwable e) {
        Throwable cause = e.getCause() == null ? e : e.getCause();
        answer.put("error", e.getClass().getSimpleName() + ": " + cause.getMessage());
        shared = engine();
      }
      out.println(answer.toJSONString(JSONStyle.NO_COMPRESS));
    }
  }
}
