using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Agora.Models.Dialects;

/// <summary>
/// Where in the body the reader is, and values of exact types from there. The place becomes text (messages.0.content.1.type, as Anthropic writes it) only when something is refused.
/// </summary>
internal sealed class MessagesPlace
{
    private const int ShownLength = 64;

    private readonly List<(string? Member, int Number)> _steps = [];

    public void Into(string member) => _steps.Add((member, 0));

    public void Into(int number) => _steps.Add((null, number));

    public void Out() => _steps.RemoveAt(_steps.Count - 1);

    /// <param name="member">Null: the place itself.</param>
    /// <param name="wants">Behind the name of the place: "must be a string."</param>
    public DialectException Wrong(string? member, string wants)
    {
        var place = Name(member);
        return DialectException.Invalid(place, $"{place}: {wants}");
    }

    public DialectException Unknown(string member) => Wrong(Excerpt.Marked(member, ShownLength), "This member is not known here, and is not taken.");

    public DialectException Missing(string member) => Wrong(member, "Field required.");

    public string Text(JsonElement value, string member, int maxLength = int.MaxValue)
    {
        if (value.ValueKind != JsonValueKind.String) throw Wrong(member, "Must be a string.");

        var text = value.GetString()!;
        return text.Length <= maxLength ? text : throw Wrong(member, $"Must have at most {maxLength} characters.");
    }

    /// <summary>Text that names something, so never empty.</summary>
    public string NameText(JsonElement value, string member)
    {
        var text = Text(value, member, ModelLimits.NameLength);
        return text.Length > 0 ? text : throw Wrong(member, "Must not be empty.");
    }

    public string Word(JsonElement value, string member, params ReadOnlySpan<string> words)
    {
        if (value.ValueKind == JsonValueKind.String)
        {
            foreach (var word in words)
            {
                if (value.ValueEquals(word)) return word;
            }
        }

        throw Wrong(member, $"Must be one of: {string.Join(", ", words.ToArray())}.");
    }

    public bool Flag(JsonElement value, string member) => value.ValueKind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => throw Wrong(member, "Must be true or false."),
    };

    public int Whole(JsonElement value, string member, int min, int max) =>
        value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number) && number >= min && number <= max
            ? number : throw Wrong(member, $"Must be an integer from {min} to {max}.");

    public double Number(JsonElement value, string member, double min, double max) =>
        value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var number) && number >= min && number <= max
            ? number : throw Wrong(member, string.Create(CultureInfo.InvariantCulture, $"Must be a number from {min} to {max}."));

    /// <summary>An object as it stands, as text.</summary>
    public string Json(JsonElement value, string member) => value.ValueKind == JsonValueKind.Object ? value.GetRawText() : throw Wrong(member, "Must be an object.");

    public void WantObject(JsonElement value, string? member = null)
    {
        if (value.ValueKind != JsonValueKind.Object) throw Wrong(member, "Must be an object.");
    }

    public void WantArray(JsonElement value, string member, int max)
    {
        if (value.ValueKind != JsonValueKind.Array) throw Wrong(member, "Must be an array.");
        if (value.GetArrayLength() > max) throw Wrong(member, $"Must have at most {max} entries.");
    }

    /// <summary>The word in an object's member "type", by which it is then read.</summary>
    public string TypeOf(JsonElement value)
    {
        WantObject(value);
        return value.TryGetProperty("type"u8, out var type) ? Text(type, "type", ModelLimits.NameLength) : throw Missing("type");
    }

    private string Name(string? member)
    {
        var name = new StringBuilder();
        foreach (var (step, number) in _steps)
        {
            name.Append(name.Length > 0 ? "." : "").Append(step ?? number.ToString(CultureInfo.InvariantCulture));
        }

        return member is null ? name.ToString() : name.Append(name.Length > 0 ? "." : "").Append(member).ToString();
    }
}
