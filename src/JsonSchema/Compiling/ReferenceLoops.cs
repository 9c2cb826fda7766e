using Agora.JsonSchema.Evaluating;
using Agora.JsonSchema.Keywords;

namespace Agora.JsonSchema.Compiling;

/// <summary>
/// Finds schemas that lead back to themselves through `$ref` and `allOf` alone, on the same value: no instance could ever
/// be decided. What loops only for some instances is left to <see cref="SchemaLimits.MaxEvaluationDepth"/>.
/// </summary>
internal static class ReferenceLoops
{
    public static IReadOnlyList<SchemaNode> Find(IReadOnlyCollection<SchemaNode> nodes)
    {
        // Takes away, again and again, what leads nowhere (Kahn's order); what stays leads into a loop.
        var sources = new Dictionary<SchemaNode, List<SchemaNode>>();
        var open = nodes.ToDictionary(node => node, _ => 0);
        foreach (var node in nodes)
        {
            foreach (var target in Targets(node))
            {
                open[node]++;
                if (!sources.TryGetValue(target, out var list))
                    sources.Add(target, list = []);
                list.Add(node);
            }
        }
        var done = new Stack<SchemaNode>(nodes.Where(node => open[node] == 0));
        while (done.TryPop(out var node))
        {
            foreach (var source in sources.GetValueOrDefault(node) ?? [])
            {
                if (--open[source] == 0)
                    done.Push(source);
            }
        }
        return [.. nodes.Where(node => open[node] > 0)];
    }

    private static IEnumerable<SchemaNode> Targets(SchemaNode node)
    {
        foreach (var keyword in node.Keywords.ToArray())
        {
            if (keyword is ReferenceKeyword reference)
                yield return reference.Target;
            else if (keyword is AllOfKeyword all)
            {
                foreach (var schema in all.Schemas)
                    yield return schema;
            }
        }
    }
}
