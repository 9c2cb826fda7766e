using Agora.Core.Upstreams;

namespace Agora.Simulation.Cluster;

/// <summary>
/// What the upstreams of one tenant offer just now, outside of all processes: they change the words of a tool, withdraw it, and offer it again as it was or as another. Some say that their list
/// changed, some do not.
/// </summary>
public sealed class ToolVendor
{
    public static readonly IReadOnlyList<string> Upstreams = ["mail", "maps"];

    /// <summary>As upstreams call them.</summary>
    private static readonly IReadOnlyList<string> Names = ["find.place", "route", "send"];

    private readonly SortedDictionary<string, Upstream> _upstreams = new(Upstreams.ToDictionary(id => id, _ => new Upstream()), StringComparer.Ordinal);

    /// <param name="random">Shared by all who are outside for this tenant.</param>
    public ToolVendor(Random random) => Random = random;

    /// <summary>Ids of the services that the tools have once they are approved.</summary>
    public static IReadOnlyList<string> ServiceIds { get; } = [.. Upstreams.SelectMany(upstream => Names.Select(name => ToolNames.ServiceId(upstream, name)!))];

    public Random Random { get; }

    public IReadOnlyList<OfferedTool> Offered(string upstream) => [.. _upstreams[upstream].Tools.Select(tool => Tool(tool.Key, tool.Value))];

    /// <param name="changed">Is called at the next change that the upstream tells of.</param>
    public void Listen(string upstream, Action changed) => _upstreams[upstream].Listeners.Add(changed);

    public void Change()
    {
        var (upstream, name) = (_upstreams[Upstreams[Random.Next(Upstreams.Count)]], Names[Random.Next(Names.Count)]);
        if (Random.Next(3) == 0)
        {
            upstream.Tools.Remove(name);
        }
        else
        {
            upstream.Tools[name] = Random.Next(2) == 0 ? 0 : Random.Next(5);
        }

        if (Random.Next(2) == 0)
        {
            upstream.Listeners.ForEach(changed => changed());
            upstream.Listeners.Clear();
        }
    }

    /// <param name="wording">One says that it may be repeated, one has what nobody sees.</param>
    private static OfferedTool Tool(string name, int wording) => OfferedTool.Of(
        name, null, $"Says {name} in its {wording}. words.", """{"type":"object"}""", null, wording == 3 ? new(ReadOnly: true) : null, wording == 4 ? ToolFaults.Hidden : null);

    private sealed class Upstream
    {
        /// <summary>In which words each is offered.</summary>
        public SortedDictionary<string, int> Tools { get; } = new(Names.ToDictionary(name => name, _ => 0), StringComparer.Ordinal);

        public List<Action> Listeners { get; } = [];
    }
}
