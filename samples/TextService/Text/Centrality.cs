namespace Agora.Samples.TextService.Text;

/// <summary>
/// Weighted PageRank over an undirected graph, the common core of TextRank (Mihalcea and Tarau, 2004): a node matters as much
/// as the nodes that are tied to it. At most 50 rounds over the edges given.
/// </summary>
internal static class Centrality
{
    private const double Damping = 0.85;
    private const double Settled = 1e-6;

    public static double[] Of(int nodes, IReadOnlyCollection<(int A, int B, double Weight)> edges)
    {
        var strength = new double[nodes];
        foreach (var (a, b, weight) in edges)
        {
            strength[a] += weight;
            strength[b] += weight;
        }
        var rank = Enumerable.Repeat(1.0, nodes).ToArray();
        for (var round = 0; round < 50; round++)
        {
            var next = Enumerable.Repeat(1 - Damping, nodes).ToArray();
            foreach (var (a, b, weight) in edges)
            {
                next[a] += Damping * rank[b] * weight / strength[b];
                next[b] += Damping * rank[a] * weight / strength[a];
            }
            var change = rank.Zip(next, (before, after) => Math.Abs(before - after)).DefaultIfEmpty().Max();
            rank = next;
            if (change < Settled)
                break;
        }
        return rank;
    }
}
