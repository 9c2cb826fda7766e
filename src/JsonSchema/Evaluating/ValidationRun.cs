using System.Text.Json;
using Agora.JsonSchema.Compiling;

namespace Agora.JsonSchema.Evaluating;

/// <summary>
/// What one validation carries along: its budget, the dynamic scope and, when it collects, the violations.
/// Once a bound is met every further step answers false at once, so the run unwinds whatever it is in; the answer of an
/// exhausted run is always "not valid", even under `not`, because <see cref="Limit"/> overrides it.
/// </summary>
internal sealed class ValidationRun(bool collects, bool tracksScope, int maxWork)
{
    // A sentence and a path take as long as many checks; alternatives can ask for thousands that nobody reads.
    private const int ReportWork = 20;
    private readonly List<SchemaResource> _scope = [];
    private List<Violation> _violations = [];
    private int _work = maxWork;
    private int _depth;

    public bool Collects { get; private set; } = collects;

    public Violation? Limit { get; private set; }

    public IReadOnlyList<Violation> Violations => Limit is null ? _violations : [.. _violations.Take(SchemaLimits.MaxViolations - 1), Limit];

    public bool Stopped => Limit is not null;

    /// <summary>Takes from the budget; false when there is none left.</summary>
    public bool Spend(int units)
    {
        if (Limit is not null)
            return false;
        _work -= units;
        return _work >= 0 || Stop("Checking this against the schema takes more work than is allowed: send a smaller or simpler value.");
    }

    /// <summary>Goes one level deeper, in the schema or in values being compared; false at the bound.</summary>
    public bool Deepen()
    {
        if (!Spend(1))
            return false;
        if (_depth >= SchemaLimits.MaxEvaluationDepth)
            return Stop("Value and schema lead too deep together: send a value that is nested less.");
        _depth++;
        return true;
    }

    public void Rise() => _depth--;

    public bool Enter(SchemaResource resource)
    {
        if (!Deepen())
            return false;
        if (tracksScope)
            _scope.Add(resource);
        return true;
    }

    public void Leave()
    {
        Rise();
        if (tracksScope)
            _scope.RemoveAt(_scope.Count - 1);
    }

    /// <summary>The outermost resource of the dynamic scope that has the anchor (core specification, 8.2.3.2).</summary>
    public SchemaNode? OutermostAnchor(string name)
    {
        foreach (var resource in _scope)
        {
            if (resource.DynamicNodes.TryGetValue(name, out var node))
                return node;
        }
        return null;
    }

    /// <summary>Notes a violation and answers false, so that a keyword can end with `run.Collects &amp;&amp; run.Report(…)`:
    /// false either way, but the sentence is only built where somebody will read it.</summary>
    public bool Report(InstancePath? path, string keyword, string message)
    {
        if (_violations.Count >= SchemaLimits.MaxViolations || !Spend(ReportWork))
            return false;
        // Schemas reached in two ways say the same thing twice.
        var violation = new Violation(InstancePath.Write(path), keyword, message);
        if (!_violations.Contains(violation))
            _violations.Add(violation);
        return false;
    }

    public void Report(IReadOnlyList<Violation> violations) =>
        _violations.AddRange(violations.Except(_violations).Take(SchemaLimits.MaxViolations - _violations.Count));

    /// <summary>Evaluates without collecting: for schemas whose failure is no violation (`if`, `not`, `contains`).</summary>
    public bool Probe(SchemaNode node, JsonElement value, EvaluatedParts? seen)
    {
        bool collects = Collects;
        Collects = false;
        bool valid = node.Evaluate(value, null, seen, this);
        Collects = collects;
        return valid;
    }

    /// <summary>Evaluates while keeping the violations aside, for schemas whose failure is only part of the story.</summary>
    public bool Collect(SchemaNode node, JsonElement value, InstancePath? path, EvaluatedParts? seen, out IReadOnlyList<Violation> violations)
    {
        var outer = _violations;
        _violations = [];
        bool valid = node.Evaluate(value, path, seen, this);
        violations = _violations;
        _violations = outer;
        return valid;
    }

    // Of the whole instance: what used up the budget is spread over it.
    private bool Stop(string message)
    {
        Limit ??= new Violation("", Violation.LimitKeyword, message);
        return false;
    }
}
