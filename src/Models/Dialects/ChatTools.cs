using System.Buffers;
using System.Text;
using System.Text.Json;
using Agora.Models.Json;

namespace Agora.Models.Dialects;

/// <summary>Tools that the client runs, and which of them is to be called.</summary>
internal static class ChatTools
{
    private static readonly ChatPlace Body = new();
    private static readonly ChatPlace Choice = new("tool_choice");
    private static readonly ChatPlace Allowed = new("tool_choice.allowed_tools");

    public static IReadOnlyList<Tool> Read(JsonElement value)
    {
        if (!Body.IsList(value, "tools", ModelLimits.Tools)) return [];

        var tools = new List<Tool>(value.GetArrayLength());
        foreach (var tool in value.EnumerateArray())
        {
            tools.Add(ReadTool(tool, new("tools", tools.Count)));
        }

        return tools;
    }

    public static ToolChoice ReadChoice(JsonElement value)
    {
        if (value.ValueKind == JsonValueKind.String)
        {
            return Body.OneOf(value, "tool_choice", ["none", "auto", "required"]) switch
            {
                "none" => ToolChoice.None,
                "required" => ToolChoice.Required,
                _ => ToolChoice.Auto,
            };
        }

        if (!Choice.IsObject(value, "")) return ToolChoice.Auto;

        return value.TryGetProperty("type"u8, out var kind) && kind.ValueKind == JsonValueKind.String && kind.ValueEquals("allowed_tools"u8) ? ReadAllowed(value) : ReadNamed(value, Choice);
    }

    private static ToolChoice.Named ReadNamed(JsonElement value, ChatPlace at)
    {
        var (isCustom, named) = Typed(value, at);
        string? name = null;
        foreach (var member in named.EnumerateObject())
        {
            if (member.Name != "name") throw at.Unknown(member.Name);

            name = at.Name(member.Value, "name");
        }

        return new ToolChoice.Named(name ?? throw at.Missing("name"), isCustom);
    }

    /// <summary>{"type":"allowed_tools","allowed_tools":{"mode":"auto","tools":[…]}}.</summary>
    private static ToolChoice.Allowed ReadAllowed(JsonElement value)
    {
        string? mode = null;
        List<ToolChoice.Named>? allowed = null;
        foreach (var outer in value.EnumerateObject())
        {
            if (outer.Name == "type") continue;
            if (outer.Name != "allowed_tools") throw Choice.Unknown(outer.Name);
            if (!Choice.IsObject(outer.Value, "allowed_tools")) break;

            foreach (var member in outer.Value.EnumerateObject())
            {
                switch (member.Name)
                {
                    case "mode":
                        mode = Allowed.OneOf(member.Value, "mode", ["auto", "required"]);
                        break;
                    case "tools" when Allowed.IsList(member.Value, "tools", ModelLimits.Tools):
                        allowed = [.. member.Value.EnumerateArray().Select(static (tool, index) => new ChatPlace("tool_choice.allowed_tools.tools", index) is var at && at.IsObject(tool, "") ? ReadNamed(tool, at) : throw at.Missing(""))];
                        break;
                    case "tools":
                        break;
                    default:
                        throw Allowed.Unknown(member.Name);
                }
            }
        }

        return new((mode ?? throw Allowed.Missing("mode")) == "required", allowed is { Count: > 0 } ? allowed : throw Allowed.Missing("tools"));
    }

    /// <summary>A choice among what is not there would be answered by each provider in its own way.</summary>
    public static void Check(IReadOnlyList<Tool> tools, ToolChoice choice)
    {
        if (choice == ToolChoice.Required && tools.Count == 0) throw Body.Refuse("tool_choice", "'tool_choice' is required, and there are no tools.");
        IReadOnlyList<ToolChoice.Named> chosen = choice switch
        {
            ToolChoice.Named named => [named],
            ToolChoice.Allowed some => some.Tools,
            _ => [],
        };
        if (chosen.Any(named => !tools.Any(tool => tool.Name == named.Tool && tool.IsCustom == named.IsCustom)))
        {
            throw Body.Refuse("tool_choice", "'tool_choice' names a tool that is not among 'tools'.");
        }
    }

    private static Tool ReadTool(JsonElement value, ChatPlace at)
    {
        if (!at.IsObject(value, "")) throw at.Refuse("", $"'{at.Of("")}' is an object.");

        var (isCustom, body) = Typed(value, at);
        var inner = at with { Inner = isCustom ? "custom" : "function" };
        string? name = null, description = null, parameters = null;
        bool? strict = null;
        foreach (var member in body.EnumerateObject())
        {
            switch (member.Name)
            {
                case "name":
                    name = inner.Name(member.Value, "name");
                    break;
                case "description":
                    description = inner.Text(member.Value, "description");
                    break;
                case "parameters" when !isCustom:
                    parameters = inner.IsObject(member.Value, "parameters") ? member.Value.GetRawText() : null;
                    break;
                case "strict" when !isCustom:
                    strict = inner.Flag(member.Value, "strict");
                    break;
                case "format" when isCustom:
                    parameters = inner.IsObject(member.Value, "format") ? ReadFormat(member.Value, inner) : null;
                    break;
                default:
                    throw inner.Unknown(member.Name);
            }
        }

        return new(name ?? throw inner.Missing("name"), description, parameters, strict, isCustom);
    }

    /// <summary>{"type":"function","function":{…}} or {"type":"custom","custom":{…}}.</summary>
    private static (bool IsCustom, JsonElement Body) Typed(JsonElement value, ChatPlace at)
    {
        JsonElement type = default, function = default, custom = default;
        foreach (var member in value.EnumerateObject())
        {
            switch (member.Name)
            {
                case "type":
                    type = member.Value;
                    break;
                case "function":
                    function = member.Value;
                    break;
                case "custom":
                    custom = member.Value;
                    break;
                default:
                    throw at.Unknown(member.Name);
            }
        }

        var kind = at.Text(type, "type") ?? throw at.Missing("type");
        if (kind is not ("function" or "custom"))
        {
            throw at.Refuse("type", $"'{at.Of("type")}' is function or custom: tools that a provider runs are not taken.");
        }

        var (mine, other, otherName) = kind == "custom" ? (custom, function, "function") : (function, custom, "custom");
        if (!at.IsObject(mine, kind)) throw at.Missing(kind);
        if (other.ValueKind is not (JsonValueKind.Undefined or JsonValueKind.Null)) throw at.Unknown(otherName);

        return (kind == "custom", mine);
    }

    /// <summary>
    /// A grammar lies one level deeper here than in Responses, which has {"type":"grammar","syntax","definition"}. Kept is that one.
    /// </summary>
    private static string ReadFormat(JsonElement value, ChatPlace at)
    {
        JsonElement type = default, grammar = default;
        foreach (var member in value.EnumerateObject())
        {
            switch (member.Name)
            {
                case "type":
                    type = member.Value;
                    break;
                case "grammar":
                    grammar = member.Value;
                    break;
                default:
                    throw at.Unknown($"format.{member.Name}");
            }
        }

        var kind = at.OneOf(type, "format.type", ["text", "grammar"]) ?? throw at.Missing("format.type");
        var hasGrammar = at.IsObject(grammar, "format.grammar");
        if (hasGrammar != (kind == "grammar")) throw at.Refuse("format.grammar", "'grammar' belongs to the type grammar, and that needs it.");

        return hasGrammar ? ReadGrammar(grammar, at) : """{"type":"text"}""";
    }

    private static string ReadGrammar(JsonElement value, ChatPlace at)
    {
        string? syntax = null, definition = null;
        foreach (var member in value.EnumerateObject())
        {
            switch (member.Name)
            {
                case "syntax":
                    syntax = at.OneOf(member.Value, "format.grammar.syntax", ["lark", "regex"]);
                    break;
                case "definition":
                    definition = at.Text(member.Value, "format.grammar.definition");
                    break;
                default:
                    throw at.Unknown($"format.grammar.{member.Name}");
            }
        }

        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, ChatJson.Writing))
        {
            json.WriteStartObject();
            json.WriteString("type"u8, "grammar"u8);
            json.WriteString("syntax"u8, syntax ?? throw at.Missing("format.grammar.syntax"));
            json.WriteString("definition"u8, definition ?? throw at.Missing("format.grammar.definition"));
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }
}
