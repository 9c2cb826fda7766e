using System.Text.Json;
using Agora.JsonSchema.Evaluating;
using Agora.JsonSchema.Values;

namespace Agora.JsonSchema.Keywords;

[Flags]
internal enum ValueTypes
{
    None = 0,
    Null = 1,
    Boolean = 2,
    Object = 4,
    Array = 8,
    String = 16,
    Integer = 32,
    Number = 64,
}

internal sealed class TypeKeyword(ValueTypes allowed) : Assertion("type")
{
    protected override bool Holds(JsonElement value, ValidationRun run) => value.ValueKind switch
    {
        JsonValueKind.Object => (allowed & ValueTypes.Object) != 0,
        JsonValueKind.Array => (allowed & ValueTypes.Array) != 0,
        JsonValueKind.String => (allowed & ValueTypes.String) != 0,
        JsonValueKind.True or JsonValueKind.False => (allowed & ValueTypes.Boolean) != 0,
        JsonValueKind.Number => (allowed & ValueTypes.Number) != 0 || ((allowed & ValueTypes.Integer) != 0 && IsInteger(value, run)),
        _ => (allowed & ValueTypes.Null) != 0,
    };

    protected override string Message(JsonElement value)
    {
        string wanted = string.Join(" or ", Enum.GetValues<ValueTypes>().Where(t => t != ValueTypes.None && allowed.HasFlag(t)).Select(Name));
        string found = value.ValueKind == JsonValueKind.Number && allowed.HasFlag(ValueTypes.Integer) ? "a number with a fraction" : Words.Kind(value);
        return $"Expected {wanted}, found {found}.";

        static string Name(ValueTypes type) => type.ToString().ToLowerInvariant();
    }

    private static bool IsInteger(JsonElement value, ValidationRun run)
    {
        if (value.TryGetInt64(out _))
            return true;
        var number = ExactNumber.Of(value);
        return run.Spend(number.Count / 64) && number.IsInteger;
    }
}

internal sealed class ConstKeyword(JsonElement expected) : Assertion("const")
{
    protected override bool Holds(JsonElement value, ValidationRun run) => JsonEquality.Equal(expected, value, run);

    protected override string Message(JsonElement value) => $"Must be exactly {Words.Json(expected)}.";
}

internal sealed class EnumKeyword : Assertion
{
    private readonly JsonElement[] _values;
    private readonly JsonElement[] _others;
    private readonly HashSet<string>.AlternateLookup<ReadOnlySpan<char>> _texts;

    public EnumKeyword(JsonElement[] values) : base("enum")
    {
        _values = values;
        _others = Array.FindAll(values, v => v.ValueKind != JsonValueKind.String);
        var texts = values.Where(v => v.ValueKind == JsonValueKind.String).Select(JsonText.Decode);
        _texts = texts.ToHashSet(StringComparer.Ordinal).GetAlternateLookup<ReadOnlySpan<char>>();
    }

    protected override bool Holds(JsonElement value, ValidationRun run)
    {
        if (value.ValueKind == JsonValueKind.String)
            return HasText(JsonText.Raw(value), run);
        foreach (var allowed in _others)
        {
            if (JsonEquality.Equal(allowed, value, run))
                return true;
        }
        return false;
    }

    protected override string Message(JsonElement value) => _values.Length == 0
        ? "The schema allows no value here: remove it."
        : $"Must be one of {Words.List(_values.Select(Words.Json), _values.Length)}.";

    private bool HasText(ReadOnlySpan<byte> raw, ValidationRun run) =>
        run.Spend(raw.Length / 64) && _texts.Contains(JsonText.Decode(raw, stackalloc char[JsonText.ScratchLength]));
}
