using System.Text.Json.Nodes;

namespace Agora.Application.Operations;

/// <summary>One value that a reader asks for: its name, its JSON Schema (type and bounds) with what it means, and whether it must be there.</summary>
internal sealed record Member(string Name, Func<JsonObject> Schema, bool IsRequired = false);

/// <summary>What a reader asks for of one object, or of a query, in its order.</summary>
internal sealed class Members
{
    private readonly List<Member> _all = [];
    private readonly List<Action<JsonObject>> _rules = [];

    public IReadOnlyList<Member> All => _all;

    /// <returns>As if the value were absent.</returns>
    public T? Note<T>(string name, string meaning, JsonObject schema, bool required = false)
    {
        _all.Add(new(name, () => Schemas.Meaning((JsonObject)schema.DeepClone(), meaning), required));
        return default;
    }

    /// <returns>The members of the objects that stand under this name.</returns>
    public Members NoteObjects(string name, string meaning, Func<JsonObject, JsonObject> around, bool required)
    {
        var nested = new Members();
        _all.Add(new(name, () => Schemas.Meaning(around(nested.Schema()), meaning), required));
        return nested;
    }

    /// <summary>The members of another object, none of which has to be there: one that could be absent there can be null here.</summary>
    public void Change(Members put) => _all.AddRange(put.All.Select(member => new Member(member.Name, () => Schemas.Change(member.Schema(), member.IsRequired))));

    /// <summary>What one member says about others, which no member can say alone.</summary>
    public void Rule(Action<JsonObject> rule) => _rules.Add(rule);

    /// <summary>Exactly these members, no other.</summary>
    public JsonObject Schema()
    {
        var properties = new JsonObject();
        foreach (var member in _all)
        {
            properties[member.Name] = member.Schema();
        }

        var schema = Schemas.Closed(_all.Where(member => member.IsRequired).Select(member => member.Name), properties);
        _rules.ForEach(rule => rule(schema));
        return schema;
    }
}
