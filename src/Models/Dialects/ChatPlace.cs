using System.Text.Json;

namespace Agora.Models.Dialects;

/// <summary>
/// Where in a request something is (messages[3].content[1]), and how values are read there: each has its exact type, null counts as absent, and all else is refused by its place. The place is only spelt out for a refusal.
/// </summary>
internal readonly record struct ChatPlace(string? Outer = null, int? Index = null, string? Inner = null, int? InnerIndex = null)
{
    public string Of(string member)
    {
        var outer = Index is null ? Outer : $"{Outer}[{Index}]";
        var inner = InnerIndex is null ? Inner : $"{Inner}[{InnerIndex}]";
        return string.Join('.', new[] { outer, inner, member }.Where(name => !string.IsNullOrEmpty(name)));
    }

    public DialectException Refuse(string member, string message) => DialectException.Invalid(Of(member), message);

    public DialectException Unknown(string member)
    {
        var name = Excerpt.Marked(member, ModelLimits.NameLength);
        return Refuse(name, $"The member '{Of(name)}' is not known here, and what is not known is not passed on.");
    }

    public DialectException Missing(string member) => Refuse(member, $"'{Of(member)}' is missing.");

    public string? Text(JsonElement value, string member) => value.ValueKind switch
    {
        JsonValueKind.Null or JsonValueKind.Undefined => null,
        JsonValueKind.String => value.GetString(),
        _ => throw Refuse(member, $"'{Of(member)}' is a text."),
    };

    /// <summary>A model, an id, a tool: not empty, and not long.</summary>
    public string? Name(JsonElement value, string member)
    {
        var name = Text(value, member);
        if (name is null || name.Length is > 0 and <= ModelLimits.NameLength) return name;

        throw Refuse(member, $"'{Of(member)}' has 1 to {ModelLimits.NameLength} characters.");
    }

    public string? OneOf(JsonElement value, string member, ReadOnlySpan<string> words)
    {
        var word = Text(value, member);
        if (word is null || words.Contains(word)) return word;

        throw Refuse(member, $"'{Of(member)}' is one of {string.Join(", ", words.ToArray())}.");
    }

    public bool? Flag(JsonElement value, string member) => value.ValueKind switch
    {
        JsonValueKind.Null or JsonValueKind.Undefined => null,
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => throw Refuse(member, $"'{Of(member)}' is true or false."),
    };

    public long? Whole(JsonElement value, string member, long least, long most)
    {
        if (value.ValueKind is JsonValueKind.Null or JsonValueKind.Undefined) return null;
        if (value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number) && number >= least && number <= most) return number;

        throw Refuse(member, $"'{Of(member)}' is a whole number from {least} to {most}.");
    }

    public double? Number(JsonElement value, string member, double least, double most)
    {
        if (value.ValueKind is JsonValueKind.Null or JsonValueKind.Undefined) return null;
        if (value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var number) && number >= least && number <= most) return number;

        throw Refuse(member, $"'{Of(member)}' is a number from {least} to {most}.");
    }

    /// <returns>False: there is none.</returns>
    public bool IsObject(JsonElement value, string member) => value.ValueKind switch
    {
        JsonValueKind.Null or JsonValueKind.Undefined => false,
        JsonValueKind.Object => true,
        _ => throw Refuse(member, $"'{Of(member)}' is an object."),
    };

    /// <returns>False: there is none.</returns>
    public bool IsList(JsonElement value, string member, int most)
    {
        if (value.ValueKind is JsonValueKind.Null or JsonValueKind.Undefined) return false;
        if (value.ValueKind != JsonValueKind.Array) throw Refuse(member, $"'{Of(member)}' is a list.");
        if (value.GetArrayLength() > most) throw Refuse(member, $"'{Of(member)}' has at most {most} entries.");

        return true;
    }
}
