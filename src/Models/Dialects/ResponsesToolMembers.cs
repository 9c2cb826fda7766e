using System.Buffers;
using System.Text.Json;

namespace Agora.Models.Dialects;

/// <summary>The members of one tool. A tool that the provider would run is refused with the reason before its members are looked at, unless it is one of <see cref="ResponsesTools.LeftOut"/>.</summary>
internal struct ResponsesToolMembers
{
    private static readonly SearchValues<char> NameCharacters = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-");

    private string? _parameters;
    private string? _format;
    private bool? _strict;

    public string? Type { get; private set; }

    public string? Name { get; private set; }

    public string? Description { get; private set; }

    /// <summary>Of a namespace: its tools.</summary>
    public JsonElement? Inner { get; private set; }

    public bool IsLeftOut { get; private set; }

    public static ResponsesToolMembers Read(JsonElement tool)
    {
        var type = ResponsesJson.Object(tool, "type").TryGetProperty("type", out var t) && t.ValueKind == JsonValueKind.String ? t.GetString() : null;
        var read = new ResponsesToolMembers { Type = ResponsesJson.Wanted(type, "type") };
        if (type is not ("function" or "custom" or "namespace"))
        {
            return Leaves(type!, tool) ? read with { IsLeftOut = true } : throw DialectException.Invalid("type", Why(type!));
        }

        foreach (var member in tool.EnumerateObject())
        {
            read.Add(member);
        }

        ResponsesJson.Wanted(read.Name, "name");
        if (type == "namespace" && read.Inner is null) throw DialectException.Invalid("tools", "'tools' is missing.");
        return read;
    }

    public readonly Tool ToTool(string? space, string? about)
    {
        var name = ResponsesNames.Flat(space, Name!);
        if (name.Length > ModelLimits.NameLength)
        {
            throw DialectException.Invalid("name", $"The name has more than {ModelLimits.NameLength} characters with its namespace.");
        }

        var description = string.IsNullOrEmpty(about) ? Description : $"{about}\n\n{Description}";
        return Type == "custom" ? new(name, description, _format, null, IsCustom: true) : new(name, description, _parameters, _strict);
    }

    /// <summary>Writes a tool as a reply repeats it: with the defaults of members that the client left out, as OpenAI's own replies have them.</summary>
    public static void Repeat(Utf8JsonWriter writer, JsonElement tool)
    {
        if (tool.GetProperty("type").GetString() != "function")
        {
            tool.WriteTo(writer);
            return;
        }

        writer.WriteStartObject();
        foreach (var member in tool.EnumerateObject().Where(static member => member.Name != "strict"))
        {
            member.WriteTo(writer);
        }

        foreach (var name in (ReadOnlySpan<string>)["description", "parameters"])
        {
            if (!tool.TryGetProperty(name, out _))
            {
                writer.WriteNull(name);
            }
        }

        // The default that Wires.ResponsesWireRequest sends.
        writer.WriteBoolean("strict", tool.TryGetProperty("strict", out var strict) && strict.ValueKind == JsonValueKind.True);
        writer.WriteEndObject();
    }

    /// <summary>Only where what it says of itself makes it harmless to leave out: a search of the web that is to reach outside is a wish that would not be met.</summary>
    private static bool Leaves(string type, JsonElement tool) => ResponsesTools.LeftOut.Contains(type) && type switch
    {
        "web_search" => tool.TryGetProperty("external_web_access", out var outside) && outside.ValueKind == JsonValueKind.False,
        _ => tool.TryGetProperty("execution", out var where) && where.ValueKind == JsonValueKind.String && where.ValueEquals("client"),
    };

    private static string Why(string type) => type switch
    {
        "web_search" or "web_search_2025_08_26" or "web_search_preview" or "web_search_preview_2025_03_11" =>
            "Search of the web is not taken: it runs at the provider and costs by the call. In Codex, set web_search = \"disabled\".",
        "file_search" or "code_interpreter" or "image_generation" or "mcp" or "computer" or "computer_use_preview" or "tool_search" or "programmatic_tool_calling" =>
            "A tool that runs at the provider is not taken, for it costs by the call: send functions or custom tools, which you run yourself.",
        "shell" or "local_shell" or "apply_patch" => "Tools that only OpenAI's own models know are not taken: send a function or a custom tool of that name.",
        _ => "A tool of this type is not known here: send functions, custom tools or namespaces of them.",
    };

    private void Add(JsonProperty member)
    {
        switch (member.Name)
        {
            case "type":
                break;
            case "name":
                Name = ResponsesJson.Name(member);
                if (Name.AsSpan().ContainsAnyExcept(NameCharacters))
                {
                    throw DialectException.Invalid("name", "A tool's name has letters, digits, _ and - only.");
                }

                break;
            case "description":
                Description = ResponsesJson.IsNull(member) ? null : ResponsesJson.Text(member);
                break;
            case "parameters" when Type == "function":
                _parameters = ResponsesJson.IsNull(member) ? null : ResponsesJson.Object(member).GetRawText();
                break;
            case "strict" when Type == "function":
                _strict = ResponsesJson.IsNull(member) ? null : ResponsesJson.Flag(member);
                break;
            case "format" when Type == "custom":
                _format = ResponsesJson.IsNull(member) ? null : ResponsesGrammars.Check(ResponsesJson.Object(member)).GetRawText();
                break;
            case "tools" when Type == "namespace":
                Inner = ResponsesJson.Array(member, ModelLimits.Tools);
                break;
            case "defer_loading" when Type != "namespace":
                // A tool may be offered at once that could be offered later: it is tokens, not meaning.
                ResponsesJson.Flag(member);
                break;
            case "allowed_callers" or "output_schema" when Type != "namespace" && ResponsesJson.IsNull(member):
                break;
            default:
                throw ResponsesJson.Unknown(member.Name);
        }
    }
}
