using System.Text.Json;

namespace Agora.Models.Dialects;

/// <summary>
/// Tools in namespaces. Only OpenAI's own models know these, so a tool is named namespace__name towards every provider, and its calls are taken apart again for the client, which finds its tool by both. The namespace
/// "functions" is where OpenAI's models have tools without one, so it is none.
/// </summary>
internal sealed class ResponsesNames
{
    public const string Join = "__";

    /// <summary>No member of a body is named so: it is how the names go with a request, beside what is repeated.</summary>
    private const string Key = "$namespaces";
    private const string Default = "functions";

    private readonly SortedDictionary<string, string> _namespaces = new(StringComparer.Ordinal);

    public static ResponsesNames Of(ModelRequest request)
    {
        var names = new ResponsesNames();
        if (!request.Echo.TryGetValue(Key, out var json)) return names;
        using var document = JsonDocument.Parse(json);
        foreach (var member in document.RootElement.EnumerateObject())
        {
            names._namespaces[member.Name] = member.Value.GetString()!;
        }

        return names;
    }

    public static string Flat(string? space, string name) => space is null or Default ? name : space + Join + name;

    public void Add(string? space, string name)
    {
        var flat = Flat(space, name);
        if (flat == name)
        {
            _namespaces.Remove(flat);
        }
        else
        {
            _namespaces[flat] = space!;
        }
    }

    public (string? Space, string Name) Split(string flat) =>
        _namespaces.TryGetValue(flat, out var space) ? (space, flat[(space.Length + Join.Length)..]) : (null, flat);

    public void Keep(Dictionary<string, string> echo)
    {
        if (_namespaces.Count > 0)
        {
            echo[Key] = ResponsesWriting.Text(writer =>
            {
                writer.WriteStartObject();
                foreach (var (flat, space) in _namespaces)
                {
                    writer.WriteString(flat, space);
                }

                writer.WriteEndObject();
            });
        }
    }
}
