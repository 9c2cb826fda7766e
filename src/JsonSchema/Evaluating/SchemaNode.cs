using System.Text.Json;
using Agora.JsonSchema.Compiling;
using Agora.JsonSchema.Keywords;

namespace Agora.JsonSchema.Evaluating;

/// <summary>One compiled subschema. Written once, by the compiler, before the schema is handed out.</summary>
internal sealed class SchemaNode(SchemaResource resource)
{
    private Keyword[] _keywords = [];
    private bool _asksWhatWasEvaluated;

    public ReadOnlySpan<Keyword> Keywords => _keywords;

    public void Complete(Keyword[] keywords)
    {
        _keywords = keywords;
        _asksWhatWasEvaluated = Array.Exists(keywords, k => k is UnevaluatedItems or UnevaluatedProperties);
    }

    /// <param name="outer">Gets what this schema evaluated, if somebody above asks for it.</param>
    public bool Evaluate(JsonElement value, InstancePath? path, EvaluatedParts? outer, ValidationRun run)
    {
        if (!run.Enter(resource))
            return false;
        var seen = outer is not null || _asksWhatWasEvaluated ? new EvaluatedParts() : null;
        bool valid = true;
        foreach (var keyword in _keywords)
        {
            if (keyword.Evaluate(value, path, seen, run))
                continue;
            valid = false;
            if (!run.Collects || run.Stopped)
                break;
        }
        run.Leave();
        // A failed schema has evaluated nothing. While collecting, the instance is already known to be invalid, and
        // what a failed part has reported should not be reported again as unevaluated.
        if (outer is not null && (valid || run.Collects) && run.Spend(seen!.Size))
            outer.Add(seen);
        return valid && !run.Stopped;
    }
}
