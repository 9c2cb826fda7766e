using System.Text.Json;
using Agora.JsonSchema.Evaluating;

namespace Agora.JsonSchema.Keywords;

internal sealed class AllOfKeyword(SchemaNode[] schemas) : Keyword("allOf")
{
    public IReadOnlyList<SchemaNode> Schemas => schemas;

    public override bool Evaluate(JsonElement value, InstancePath? path, EvaluatedParts? seen, ValidationRun run)
    {
        bool valid = true;
        foreach (var schema in schemas)
        {
            if (schema.Evaluate(value, path, seen, run))
                continue;
            valid = false;
            if (!run.Collects || run.Stopped)
                return false;
        }
        return valid;
    }
}

/// <summary>`anyOf` and `oneOf`.</summary>
internal sealed class AlternativesKeyword(string name, SchemaNode[] schemas) : Keyword(name)
{
    private readonly bool _exactlyOne = name == "oneOf";

    public override bool Evaluate(JsonElement value, InstancePath? path, EvaluatedParts? seen, ValidationRun run) =>
        run.Collects ? Collect(value, path, seen, run) : Check(value, seen, run);

    private bool Check(JsonElement value, EvaluatedParts? seen, ValidationRun run)
    {
        int fitting = 0;
        foreach (var schema in schemas)
        {
            if (schema.Evaluate(value, null, seen, run))
                fitting++;
            if (run.Stopped || (fitting > 1 && _exactlyOne))
                return false;
            // The others of anyOf still matter to whoever asks what they evaluated.
            if (fitting > 0 && !_exactlyOne && seen is null)
                return true;
        }
        return fitting > 0;
    }

    private bool Collect(JsonElement value, InstancePath? path, EvaluatedParts? seen, ValidationRun run)
    {
        var fitting = new List<int>();
        IReadOnlyList<Violation> closest = [];
        int closestIndex = 0;
        for (int i = 0; i < schemas.Length; i++)
        {
            var parts = seen is null ? null : new EvaluatedParts();
            bool fits = run.Collect(schemas[i], value, path, parts, out var violations);
            if (run.Stopped)
                return false;
            if (fits)
            {
                fitting.Add(i + 1);
                if (parts is not null)
                    seen!.Add(parts);
            }
            else if (closest.Count == 0 || IsCloser(violations, closest))
                (closest, closestIndex) = (violations, i + 1);
        }
        if (fitting.Count == 1 || (fitting.Count > 1 && !_exactlyOne))
            return true;
        if (fitting.Count > 1)
            return run.Report(path, Name, $"Must match exactly one of {schemas.Length} alternatives, matches numbers {Words.List(fitting.Select(n => $"{n}"), fitting.Count)}.");
        run.Report(path, Name, schemas.Length == 1
            ? "Does not match the only alternative; what it lacks follows."
            : $"Matches none of {schemas.Length} alternatives; what the closest one, number {closestIndex}, lacks follows.");
        run.Report(closest);
        return false;
    }

    /// <summary>An alternative that fails deeper in the value was probably the one meant; else the one with fewer complaints.</summary>
    private static bool IsCloser(IReadOnlyList<Violation> candidate, IReadOnlyList<Violation> best)
    {
        int depth = candidate.Select(Depth).DefaultIfEmpty().Min(), bestDepth = best.Select(Depth).DefaultIfEmpty().Min();
        return depth > bestDepth || (depth == bestDepth && candidate.Count < best.Count);

        static int Depth(Violation violation) => violation.Path.Count(c => c == '/');
    }
}

internal sealed class NotKeyword(SchemaNode schema) : Keyword("not")
{
    public override bool Evaluate(JsonElement value, InstancePath? path, EvaluatedParts? seen, ValidationRun run) =>
        !run.Probe(schema, value, null)
            ? !run.Stopped
            : run.Collects && run.Report(path, Name, "Matches the schema under \"not\", which it must not.");
}

internal sealed class ConditionKeyword(SchemaNode condition, SchemaNode? then, SchemaNode? otherwise) : Keyword("if")
{
    public override bool Evaluate(JsonElement value, InstancePath? path, EvaluatedParts? seen, ValidationRun run)
    {
        var branch = run.Probe(condition, value, seen) ? then : otherwise;
        return !run.Stopped && (branch?.Evaluate(value, path, seen, run) ?? true);
    }
}
