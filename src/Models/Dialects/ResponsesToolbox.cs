using System.Text.Json;

namespace Agora.Models.Dialects;

/// <summary>Collects the tools of one request: those of its `tools`, and those that come among its items later, which take the place of earlier ones of the same name.</summary>
internal sealed class ResponsesToolbox
{
    private readonly List<Tool> _tools = [];
    private readonly Dictionary<string, int> _places = new(StringComparer.Ordinal);

    public IReadOnlyList<Tool> Tools => _tools;

    public ResponsesNames Names { get; } = new();

    /// <returns>What a reply repeats of them: all but those left out, as JSON.</returns>
    public string Add(JsonProperty member)
    {
        var offered = AddAll(member.Value, member.Name, mayReplace: false);
        return ResponsesWriting.Text(writer =>
        {
            writer.WriteStartArray();
            offered.ForEach(tool => ResponsesToolMembers.Repeat(writer, tool));
            writer.WriteEndArray();
        });
    }

    public void AddLater(ResponsesItemMembers members) => AddAll(members.ToTools(), "tools", mayReplace: true);

    private List<JsonElement> AddAll(JsonElement tools, string param, bool mayReplace)
    {
        var offered = new List<JsonElement>();
        var number = 0;
        foreach (var tool in ResponsesJson.Array(tools, param, ModelLimits.Tools).EnumerateArray())
        {
            try
            {
                if (Add(ResponsesToolMembers.Read(tool), mayReplace))
                {
                    offered.Add(tool);
                }
            }
            catch (DialectException e)
            {
                throw ResponsesJson.Within($"{param}[{number}]", e);
            }

            number++;
        }

        return offered;
    }

    /// <returns>It is offered; else it is left out.</returns>
    private bool Add(ResponsesToolMembers members, bool mayReplace)
    {
        if (members.IsLeftOut) return false;
        if (members.Inner is not { } inner)
        {
            Put(members.ToTool(space: null, about: null), null, members.Name!, mayReplace);
            return true;
        }

        // The model reads what the namespace is for at the first of its tools: providers have no other place for it.
        var about = members.Description;
        var number = 0;
        foreach (var tool in ResponsesJson.Array(inner, "tools", ModelLimits.Tools).EnumerateArray())
        {
            try
            {
                var read = ResponsesToolMembers.Read(tool);
                if (read.Type is not ("function" or "custom"))
                {
                    throw DialectException.Invalid("type", "Only functions and custom tools are taken in a namespace.");
                }

                Put(read.ToTool(members.Name, about), members.Name, read.Name!, mayReplace);
                about = null;
            }
            catch (DialectException e)
            {
                throw ResponsesJson.Within($"tools[{number}]", e);
            }

            number++;
        }

        return true;
    }

    private void Put(Tool tool, string? space, string name, bool mayReplace)
    {
        if (_places.TryGetValue(tool.Name, out var place))
        {
            if (!mayReplace) throw DialectException.Invalid("name", $"Two tools are named '{tool.Name}'.");
            _tools[place] = tool;
        }
        else
        {
            if (_tools.Count == ModelLimits.Tools) throw DialectException.Invalid("tools", $"There are more than {ModelLimits.Tools} tools.");
            _places[tool.Name] = _tools.Count;
            _tools.Add(tool);
        }

        Names.Add(space, name);
    }
}
