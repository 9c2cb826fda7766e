using System.Text.Json;
using Agora.JsonSchema.Evaluating;
using Agora.JsonSchema.Values;

namespace Agora.JsonSchema.Keywords;

/// <summary>`minimum`, `maximum` and their exclusive forms.</summary>
internal sealed class RangeKeyword : Assertion
{
    private readonly JsonElement _limit;
    private readonly long? _integer;
    private readonly bool _upper;
    private readonly bool _exclusive;

    public RangeKeyword(string name, JsonElement limit) : base(name)
    {
        _limit = limit;
        _integer = limit.TryGetInt64(out long integer) ? integer : null;
        _upper = name is "maximum" or "exclusiveMaximum";
        _exclusive = name is "exclusiveMaximum" or "exclusiveMinimum";
    }

    protected override bool Holds(JsonElement value, ValidationRun run)
    {
        if (value.ValueKind != JsonValueKind.Number)
            return true;
        int order = Compare(value, run);
        return order == 0 ? !_exclusive : order < 0 == _upper;
    }

    protected override string Message(JsonElement value) => Name switch
    {
        "minimum" => $"Must be {Words.Json(_limit)} or more.",
        "maximum" => $"Must be {Words.Json(_limit)} or less.",
        "exclusiveMinimum" => $"Must be more than {Words.Json(_limit)}.",
        _ => $"Must be less than {Words.Json(_limit)}.",
    };

    private int Compare(JsonElement value, ValidationRun run)
    {
        if (_integer is { } limit && value.TryGetInt64(out long integer))
            return integer.CompareTo(limit);
        var number = ExactNumber.Of(value);
        run.Spend(number.Count / 64);
        return number.CompareTo(ExactNumber.Of(_limit));
    }
}

internal sealed class MultipleOfKeyword(JsonElement divisor) : Assertion("multipleOf")
{
    private readonly Divisor _divisor = new(divisor);
    private readonly int _digits = ExactNumber.Of(divisor).Count;

    protected override bool Holds(JsonElement value, ValidationRun run) =>
        value.ValueKind != JsonValueKind.Number || (run.Spend(Work(value)) && _divisor.Divides(value));

    // Long division costs the product of both lengths.
    private int Work(JsonElement value) => (int)Math.Min(int.MaxValue, (long)ExactNumber.Of(value).Count * (1 + _digits / 18) / 4);

    protected override string Message(JsonElement value) => $"Must be a multiple of {Words.Json(divisor)}.";
}
