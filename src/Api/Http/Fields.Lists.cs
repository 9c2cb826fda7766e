using System.Globalization;
using System.Text.Json;
using Agora.Core.Kernel;

namespace Agora.Api.Http;

/// <summary>Members that hold several values.</summary>
internal sealed partial class Fields
{
    public IReadOnlyList<Fields> Objects(string name, int maxItems, bool required = true) =>
        [.. Items(name, maxItems, required).Select((item, i) => new Fields(item, At(name, i), _findings))];

    /// <summary>A list of distinct words that someone is shown; null when it is absent.</summary>
    public IReadOnlyList<string>? Words(string name, bool required, int maxItems = Limits.ListItems)
    {
        if (Find(name, required) is null)
        {
            return null;
        }

        var words = new List<string>();
        var index = 0;
        foreach (var item in Items(name, maxItems, required))
        {
            var at = At(name, index++);
            if (item.ValueKind != JsonValueKind.String)
            {
                _findings.Violate(at, "type", "A string is wanted here.");
            }
            else if (item.GetString() is { } word && IsDisplayable(word, at, Limits.NameLength, blank: false))
            {
                words.Add(word);
            }
        }

        if (words.Distinct(StringComparer.Ordinal).Count() != words.Count)
        {
            _findings.Violate(At(name), "uniqueItems", "No item may stand here twice.");
        }

        return words;
    }

    /// <summary>An object whose member names are data (attributes, targeting): name and value of each.</summary>
    public IReadOnlyList<(string Name, JsonElement Value, string Path)> Entries(string name, int maxEntries, bool required = true)
    {
        if (Typed(name, required, JsonValueKind.Object, "An object is wanted here.") is not { } value)
        {
            return [];
        }

        if (value.GetPropertyCount() > maxEntries)
        {
            _findings.Violate(At(name), "maxProperties", string.Create(CultureInfo.InvariantCulture, $"At most {maxEntries} members."));
            return [];
        }

        return [.. value.EnumerateObject()
            .Where(member => IsDisplayable(member.Name, StrictJson.Pointer(At(name), member.Name), Limits.NameLength, blank: false))
            .Select(member => (member.Name, member.Value, StrictJson.Pointer(At(name), member.Name)))];
    }

    private string At(string name, int index) => string.Create(CultureInfo.InvariantCulture, $"{At(name)}/{index}");

    private IEnumerable<JsonElement> Items(string name, int maxItems, bool required)
    {
        if (Typed(name, required, JsonValueKind.Array, "A list is wanted here.") is not { } list)
        {
            return [];
        }

        if (list.GetArrayLength() > maxItems)
        {
            _findings.Violate(At(name), "maxItems", string.Create(CultureInfo.InvariantCulture, $"At most {maxItems} items."));
            return [];
        }

        return list.EnumerateArray();
    }
}
