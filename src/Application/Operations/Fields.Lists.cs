using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Agora.Application.Values;
using Agora.Core.Kernel;

namespace Agora.Application.Operations;

/// <summary>Members that hold several values.</summary>
internal sealed partial class Fields
{
    /// <param name="asked">The published schema asks for it, though a reader does without: whoever decides says better what is missing.</param>
    public IReadOnlyList<Fields> Objects(string name, string meaning, int maxItems, bool required = true, int minItems = 0, bool asked = false) => _sheet is not null
        ? [new(_sheet.NoteObjects(name, meaning, members => Schemas.List(members, maxItems, minItems), required || asked))]
        : [.. Items(name, maxItems, required).Select((item, i) => new Fields(item, At(name, i), _findings))];

    /// <summary>A list of distinct words that someone is shown; null when it is absent.</summary>
    /// <param name="schema">Where only some words are known.</param>
    public IReadOnlyList<string>? Words(string name, string meaning, Func<JsonObject>? schema = null)
    {
        if (_sheet is not null) return _sheet.Note<IReadOnlyList<string>>(name, meaning, schema?.Invoke() ?? Schemas.Words());
        if (Find(name, required: false) is null) return null;

        var words = new List<string>();
        var index = 0;
        foreach (var item in Items(name, Limits.ListItems, required: false))
        {
            var at = At(name, index++);
            if (item.ValueKind != JsonValueKind.String)
            {
                _findings.Violate(at, "type", "A string is wanted here.");
            }
            else if (item.GetString() is { } word && _findings.IsDisplayable(word, at))
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

    /// <summary>Strings in a form of their own; <paramref name="wanted"/> says which.</summary>
    public IReadOnlyList<string> Formatted(string name, string meaning, int maxItems, int maxLength, Func<string, bool> isValid, string wanted)
    {
        if (_sheet is not null)
        {
            _ = _sheet.Note<string>(name, meaning, Schemas.List(Schemas.Text(maxLength), maxItems));
            return [];
        }

        var texts = new List<string>();
        foreach (var item in Items(name, maxItems, required: false))
        {
            var at = At(name, texts.Count);
            texts.Add(item.ValueKind == JsonValueKind.String ? item.GetString()! : "");
            if (item.ValueKind != JsonValueKind.String)
            {
                _findings.Violate(at, "type", "A string is wanted here.");
            }
            else if (texts[^1].Length > maxLength)
            {
                _findings.Violate(at, "maxLength", Wanted.AtMost(maxLength, "characters", texts[^1].Length));
            }
            else if (!isValid(texts[^1]))
            {
                _findings.Violate(at, "format", wanted);
            }
        }

        return texts;
    }

    /// <summary>A list of distinct ids; null when it is absent.</summary>
    public IReadOnlyList<string>? Ids(string name, string meaning, int maxItems)
    {
        if (_sheet is not null) return _sheet.Note<IReadOnlyList<string>>(name, meaning, Schemas.Distinct(Schemas.List(Schemas.Id, maxItems)));
        if (Find(name, required: false) is null) return null;

        var ids = new List<string>();
        foreach (var item in Items(name, maxItems, required: false))
        {
            if (item.ValueKind == JsonValueKind.String && item.GetString() is { } id && DisplayText.IsId(id))
            {
                ids.Add(id);
            }
            else
            {
                _findings.Malform($"{At(name, ids.Count)} does not match {DisplayText.IdPattern}");
                return [];
            }
        }

        if (ids.Distinct(StringComparer.Ordinal).Count() != ids.Count)
        {
            _findings.Violate(At(name), "uniqueItems", "No item may stand here twice.");
        }

        return ids;
    }

    /// <summary>An object whose member names are data (attributes, targeting): name and value of each.</summary>
    /// <param name="names">What the names have to be, where the caller holds them to more than to be displayable; null: nothing more.</param>
    public IReadOnlyList<(string Name, JsonElement Value, string Path)> Entries(string name, string meaning, int maxEntries, Func<JsonObject> value, Func<JsonObject>? names = null)
    {
        if (_sheet is not null)
        {
            var schema = new JsonObject { ["type"] = "object", ["maxProperties"] = maxEntries, ["additionalProperties"] = value() };
            if (names is not null)
            {
                schema["propertyNames"] = names();
            }

            _ = _sheet.Note<JsonElement?>(name, meaning, schema);
            return [];
        }

        if (Typed(name, required: false, JsonValueKind.Object, "An object is wanted here.") is not { } entries) return [];

        if (entries.GetPropertyCount() > maxEntries)
        {
            _findings.Violate(At(name), "maxProperties", Wanted.AtMost(maxEntries, "members", entries.GetPropertyCount()));
            return [];
        }

        return [.. entries.EnumerateObject()
            .Where(member => _findings.IsDisplayable(member.Name, StrictJson.Pointer(At(name), member.Name)))
            .Select(member => (member.Name, member.Value, StrictJson.Pointer(At(name), member.Name)))];
    }

    private string At(string name, int index) => string.Create(CultureInfo.InvariantCulture, $"{At(name)}/{index}");

    private IEnumerable<JsonElement> Items(string name, int maxItems, bool required)
    {
        if (Typed(name, required, JsonValueKind.Array, "A list is wanted here.") is not { } list) return [];

        if (list.GetArrayLength() > maxItems)
        {
            _findings.Violate(At(name), "maxItems", Wanted.AtMost(maxItems, "items", list.GetArrayLength()));
            return [];
        }

        return list.EnumerateArray();
    }
}
