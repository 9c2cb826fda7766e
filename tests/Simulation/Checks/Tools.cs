using Agora.Core.Kernel;
using Agora.Core.Runs;
using Agora.Core.Services;
using Agora.Core.Upstreams;

namespace Agora.Simulation.Checks;

/// <summary>
/// No tool is called that is not, by its upstream's own stream, approved and offered as it was approved, at the time as of which its caller may go by what the stream said. What is approved is what was
/// offered. A run is delivered once to a tool that does not say that it may be repeated. At rest a tool's service is as the upstream wants it: active as long as it is approved, offered just so, and neither
/// it nor its upstream is paused or deleted.
/// </summary>
public sealed class Tools(Findings findings, TimeProvider time) : IChecker
{
    private readonly SortedDictionary<string, Upstream> _upstreams = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, ServiceView> _services = new(StringComparer.Ordinal);
    private readonly List<ServiceTerms> _listed = [];
    private readonly HashSet<Guid> _delivered = [];

    /// <summary>Calls that reached an upstream.</summary>
    public int Calls { get; private set; }

    public int Approved { get; private set; }

    /// <summary>Tools that were taken away because they were offered otherwise, or no more.</summary>
    public int TakenAway { get; private set; }

    /// <summary>What catalogues have listed of tools, oldest first: they may be behind.</summary>
    public IReadOnlyList<ServiceTerms> Listed => _listed;

    /// <summary>As the service of a tool stands now; null: nobody may run it.</summary>
    public ServiceTerms? Terms(string id) => _services.GetValueOrDefault(id)?.Definition is { Active: true } definition ? Terms(id, definition) : null;

    public void Happened(Committed committed)
    {
        if (committed is { Event: ServiceEvent.DefinitionPut { View: { Definition.Tool: not null } view } })
        {
            _services[committed.Stream.Id] = view;
            if (view.Definition.Active)
            {
                _listed.Add(Terms(committed.Stream.Id, view.Definition));
            }
        }
        else if (committed.Event is UpstreamEvent happened)
        {
            if (!_upstreams.TryGetValue(committed.Stream.Id, out var upstream))
            {
                _upstreams.Add(committed.Stream.Id, upstream = new());
            }

            Happened(committed, upstream, happened);
            Look(upstream);
        }
    }

    private void Happened(Committed committed, Upstream upstream, UpstreamEvent happened)
    {
        switch (happened)
        {
            case UpstreamEvent.DefinitionPut e:
                if (upstream.Definition is null)
                {
                    upstream.Offered.Clear();
                    upstream.Approved.Clear();
                }

                upstream.Definition = e.View.Definition;
                break;
            case UpstreamEvent.Deleted:
                upstream.Definition = null;
                break;
            case UpstreamEvent.Offered e:
                foreach (var offer in e.Tools)
                {
                    upstream.Offered[offer.ServiceId] = offer.Tool;
                }

                foreach (var gone in e.Gone)
                {
                    upstream.Offered.Remove(gone);
                }

                break;
            case UpstreamEvent.ToolApproved { Tool: { Approved: { } approved, ServiceId: var id } }:
                Approved++;
                findings.Expect(
                    upstream.Definition is not null && upstream.Offered.GetValueOrDefault(id) is { Unusable: null } offered && offered.Hash == approved.Hash,
                    $"{id} is approved as {approved.Hash} (#{committed.Seq}), which its upstream does not offer.");
                upstream.Approved[id] = approved;
                upstream.Ever.Add(id);
                break;
            case UpstreamEvent.ToolPublished e:
                upstream.Published[e.ServiceId] = e.Revision;
                break;
        }
    }

    /// <summary>What may be called since now, and what may no more.</summary>
    private void Look(Upstream upstream)
    {
        var now = time.GetUtcNow();
        var callable = upstream.Approved.Where(tool => upstream.Wants(tool.Key)).Select(tool => (tool.Value.Name, tool.Value.Hash)).ToHashSet();
        foreach (var over in upstream.Callable.Where(span => span.To is null && !callable.Contains((span.Name, span.Hash))))
        {
            over.To = now;
            TakenAway++;
        }

        foreach (var (name, hash) in callable.Where(tool => !upstream.Callable.Exists(span => span.To is null && (span.Name, span.Hash) == tool)).Order())
        {
            upstream.Callable.Add(new(name, hash));
        }
    }

    /// <summary>By an upstream's server.</summary>
    /// <param name="callable">What the caller takes for approved.</param>
    /// <param name="since">As of when what it was told may be; null: nobody has told it anything.</param>
    public void Called(StreamId stream, CallableTool callable, Guid runId, DateTimeOffset? since)
    {
        Calls++;
        var upstream = _upstreams.GetValueOrDefault(stream.Id);
        var spans = upstream?.Callable.FindAll(span => span.Name == callable.Name && span.Hash == callable.Hash) ?? [];
        var from = since - Limits.StaleAtMost; // a query may be behind by that
        findings.Expect(
            from is not null && spans.Exists(span => span.To is null || span.To >= from),
            $"{callable.Name} of {stream.Id} was called for run {runId} as {callable.Hash}, {(spans.Count == 0 ? "which was never approved" : $"which may not be called since {spans[^1].To:mm:ss.fff}")}; its caller asked at {since:mm:ss.fff}.");
        findings.Expect(_delivered.Add(runId) || callable.MayRepeat, $"{callable.Name} of {stream.Id}, which does not say that it may be repeated, was called twice for run {runId}.");
    }

    public void Rest()
    {
        foreach (var (upstreamId, upstream) in _upstreams)
        {
            foreach (var id in upstream.Ever)
            {
                AtRest(upstreamId, upstream, id);
            }
        }
    }

    private void AtRest(string upstreamId, Upstream upstream, string id)
    {
        var wants = upstream.Wants(id);
        if (_services.GetValueOrDefault(id)?.Definition is not { Tool: { } tool } service)
        {
            findings.Add($"{id} was approved and has no service.");
            return;
        }

        findings.Expect(service.Active == wants, $"The service {id} is {(service.Active ? "" : "not ")}active, and its upstream wants it {(wants ? "" : "not ")}to be.");
        findings.Expect(tool.UpstreamId == upstreamId && tool.Revision == upstream.Published.GetValueOrDefault(id), $"The service {id} follows revision {tool.Revision}, and its upstream takes it to follow {upstream.Published.GetValueOrDefault(id)}.");
        if (!upstream.Approved.TryGetValue(id, out var approved) || upstream.Definition is not { } definition) return;

        var terms = definition.TermsOf(id);
        findings.Expect((tool.Name, tool.Hash, service.Description) == (approved.Name, approved.Hash, approved.Description), $"The service {id} is not in the words that were approved.");
        findings.Expect(
            (service.PriceMicros, service.Category, service.Provider, service.TimeoutMs) == (terms?.PriceMicros ?? definition.PriceMicros, terms?.Category ?? definition.Category, definition.Provider, definition.TimeoutMs),
            $"The service {id} does not have the terms of its upstream.");
    }

    private static ServiceTerms Terms(string id, ServiceDefinition definition) => new(id, definition.Category, definition.PriceMicros, definition.Provider, definition.Owner, Disabled: false, Once: definition.Tool is not null);

    private sealed class Upstream
    {
        /// <summary>Null: it was deleted.</summary>
        public UpstreamDefinition? Definition { get; set; }

        public SortedDictionary<string, OfferedTool> Offered { get; } = new(StringComparer.Ordinal);

        public SortedDictionary<string, OfferedTool> Approved { get; } = new(StringComparer.Ordinal);

        /// <summary>Whatever was once approved has a service.</summary>
        public SortedSet<string> Ever { get; } = new(StringComparer.Ordinal);

        public SortedDictionary<string, long> Published { get; } = new(StringComparer.Ordinal);

        public List<Span> Callable { get; } = [];

        public bool Wants(string id) =>
            Definition is { Active: true } definition && definition.TermsOf(id)?.Inactive != true && Approved.GetValueOrDefault(id) is { } approved && Offered.GetValueOrDefault(id)?.Hash == approved.Hash;
    }

    /// <summary>A while in which a tool could be called, as the checker saw it.</summary>
    private sealed class Span(string name, string hash)
    {
        public string Name { get; } = name;

        public string Hash { get; } = hash;

        public DateTimeOffset? To { get; set; }
    }
}
