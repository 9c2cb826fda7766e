using System.Text.Json;
using Agora.JsonSchema.Evaluating;
using Agora.JsonSchema.Formats;
using Agora.JsonSchema.Patterns;
using Agora.JsonSchema.Values;

namespace Agora.JsonSchema.Keywords;

internal sealed class LengthKeyword(string name, int limit) : Assertion(name)
{
    private readonly bool _upper = name == "maxLength";

    protected override bool Holds(JsonElement value, ValidationRun run)
    {
        if (value.ValueKind != JsonValueKind.String)
            return true;
        var raw = JsonText.Raw(value);
        // A code point takes at least one byte.
        if (raw.Length <= limit && _upper)
            return true;
        if (!run.Spend(raw.Length / 64))
            return false;
        int length = JsonText.CodePoints(raw);
        return _upper ? length <= limit : length >= limit;
    }

    protected override string Message(JsonElement value) =>
        $"Must have at {(_upper ? "most" : "least")} {Words.Count(limit, "character")}, has {JsonText.CodePoints(JsonText.Raw(value))}.";
}

internal sealed class PatternKeyword(Pattern pattern) : Keyword("pattern")
{
    public override bool Evaluate(JsonElement value, InstancePath? path, EvaluatedParts? seen, ValidationRun run)
    {
        if (value.ValueKind != JsonValueKind.String)
            return true;
        var match = pattern.Match(JsonText.Raw(value), run);
        return match == PatternMatch.Yes
            || (run.Collects && !run.Stopped && run.Report(path, Name, match == PatternMatch.TimedOut ? pattern.TimeoutMessage : pattern.MismatchMessage));
    }
}

internal sealed class FormatKeyword(string format, FormatCheck check) : Assertion("format")
{
    protected override bool Holds(JsonElement value, ValidationRun run) =>
        value.ValueKind != JsonValueKind.String || Check(JsonText.Raw(value), run);

    protected override string Message(JsonElement value) => $"Must be a valid {format}, for example {FormatTable.Example(format)}.";

    private bool Check(ReadOnlySpan<byte> raw, ValidationRun run) =>
        run.Spend(raw.Length / 64) && check(JsonText.Decode(raw, stackalloc char[JsonText.ScratchLength]));
}
