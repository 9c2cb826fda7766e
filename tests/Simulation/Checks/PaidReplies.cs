using System.Globalization;
using System.Text.Json;
using Agora.Core.Agents;
using Agora.Core.Conversations;
using Agora.Core.Kernel;
using Agora.Core.Runs;
using Agora.Core.Services;
using Agora.Core.Sessions;
using Agora.Core.Wallets;
using Agora.Grains.Conversations;
using Agora.Simulation.Cluster;

namespace Agora.Simulation.Checks;

/// <summary>
/// A run that an agent does is asked of agents that may be asked, when its price is held: of each once, of none whose card was revoked well before, and of none on whose behalf it is run. It is paid for where that agent's
/// reply stands before its conversation said that there was none in time, says no no, is whole and fits the service's schema; that reply is the output. A call that heard of no such reply has not overlooked one.
/// Whoever sells it has at rest what was paid, less the fees.
/// </summary>
/// <param name="runs">Told of what is asked: its holds are there by then.</param>
/// <param name="stale">By so much what a process goes by may be behind.</param>
public sealed class PaidReplies(Findings findings, Runs runs, Func<DateTimeOffset> now, TimeSpan stale) : IChecker
{
    private readonly Dictionary<string, string> _owners = new(StringComparer.Ordinal);
    private readonly Dictionary<string, DateTimeOffset> _revoked = new(StringComparer.Ordinal);
    private readonly Dictionary<string, IReadOnlyList<string>> _paths = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Run> _runs = new(StringComparer.Ordinal);
    private long _paid;
    private long _received;

    /// <summary>Runs that an agent was paid for, and those of them for which another was asked before.</summary>
    public int Served { get; private set; }

    public int FailedOver { get; private set; }

    /// <summary>Requests whose reply came too late, said no, or did not fit.</summary>
    public int Unpaid { get; private set; }

    /// <summary>A process has one asked for it.</summary>
    public void Called(Guid runId) => RunOf(runId).CalledAt = now();

    /// <summary>Whoever replied to it, in time or not, the first one first.</summary>
    public IReadOnlyList<(string Agent, Personal Content)> To(Guid runId) => [.. RunOf(runId).Replies.Select(reply => (reply.Agent, reply.Content))];

    /// <summary>What the process was told that had one asked.</summary>
    public void Ended(Guid runId, StepOutcome outcome)
    {
        if (outcome is not ServiceOutcome.CallFailed { Code: Codes.UpstreamTimeout }) return;

        var missed = RunOf(runId).Replies.Find(reply => reply.IsPaid && reply.At + stale < now());
        findings.Expect(missed is null, $"Run {runId} had no reply in time, and {missed?.Agent} replied at {missed?.At:O}.");
    }

    public void Happened(Committed committed)
    {
        switch (committed.Event)
        {
            case SessionEvent.Begun e:
                _paths[committed.Stream.Id] = [.. (e.Path ?? []).Select(node => node.AgentId), e.AgentId];
                break;
            case RunEvent.Requested e:
                Request(committed.Stream.Id, e);
                break;
            case RunEvent.Approved e:
                Request(committed.Stream.Id, e.Run);
                break;
            case RunEvent.Concluded { Posted: true } e when _runs.TryGetValue(Name(e.RunId), out var run):
                Pay(run, e);
                break;
            case AgentEvent.CardRevoked:
                _revoked.TryAdd(committed.Stream.Id, now());
                break;
            case ConversationEvent.Opened e:
                _owners[committed.Stream.Id] = e.Owner;
                break;
            case ConversationEvent.Said { ReplyBy: not null } e when _runs.TryGetValue(e.MessageId, out var run):
                Ask(run, committed.Stream.Id, e);
                break;
            case ConversationEvent.Said { ReplyTo: { } id, More: false, Content: { } content } e when _runs.TryGetValue(id, out var run) && _owners[committed.Stream.Id] == e.From:
                Reply(run, committed.Stream.Id, e, content);
                break;
            case ConversationEvent.Unanswered e when _runs.TryGetValue(e.MessageId, out var run):
                run.Unanswered.Add(committed.Stream.Id);
                break;
            case WalletEvent.Credited e when committed.Stream.Id == AskedServices.Agency:
                _received += e.AmountMicros;
                break;
        }
    }

    public void Rest() => findings.Expect(_paid == _received, $"Runs that agents did were paid with {_paid}, less the fees, and {AskedServices.Agency}, which sells them, received {_received}.");

    private void Request(string session, RunEvent.Requested e)
    {
        if (AskedServices.EndpointOf(e.ServiceId) is null) return;

        var (run, path) = (RunOf(e.RunId), _paths.GetValueOrDefault(session) ?? []);
        (run.Id, run.ServiceId, run.Path) = (e.RunId, e.ServiceId, path);
        findings.Expect(e.ServiceId != AskedServices.OfAgent.ServiceId || !path.Contains(AskedServices.OfAgent.Agent), $"Run {e.RunId} is of a service that is an agent on its path: {string.Join(", ", path)}.");
    }

    private void Ask(Run run, string conversation, ConversationEvent.Said request)
    {
        var agent = _owners[conversation];
        var asked = $"Run {request.MessageId} is asked of {agent}";
        findings.Expect(run.Asked.TryAdd(agent, conversation), $"{asked} in {conversation}, and was before in {run.Asked.GetValueOrDefault(agent)}.");
        findings.Expect(
            run.ServiceId == AskedServices.OfAgent.ServiceId || !_revoked.TryGetValue(agent, out var at) || !(run.CalledAt > at + stale),
            $"{asked}, whose card was revoked at {_revoked.GetValueOrDefault(agent):O}; it was called for at {run.CalledAt:O}.");
        findings.Expect(!run.Path.Contains(agent), $"{asked}, which is on its path: {string.Join(", ", run.Path)}.");
        findings.Expect(run.Path.Where(above => above != request.From).SequenceEqual(request.Path ?? []), $"{asked} on behalf of {string.Join(", ", request.Path ?? [])}, and its path is {string.Join(", ", run.Path)}.");
        if (run.Asked.Count == 1)
        {
            runs.Called(run.Id);
        }
    }

    // Of one agent the first that is whole counts.
    private void Reply(Run run, string conversation, ConversationEvent.Said e, Personal content)
    {
        if (run.Replies.Exists(reply => reply.Agent == e.From)) return;

        var isPaid = !run.Unanswered.Contains(conversation) && e.ContentType != AgentCaller.Problem && Fits(content);
        run.Replies.Add(new(e.From, content, isPaid, now()));
        Unpaid += isPaid ? 0 : 1;
    }

    private void Pay(Run run, RunEvent.Concluded e)
    {
        var agent = run.ServiceId == AskedServices.OfAgent.ServiceId ? AskedServices.OfAgent.Agent : e.ServedBy;
        var reply = run.Replies.Find(one => one.Agent == agent);
        findings.Expect(agent is not null && run.Asked.ContainsKey(agent) && reply is not null, $"Run {e.RunId} was served by {agent}, which has not replied to it; {string.Join(", ", run.Asked.Keys)} were asked.");
        findings.Expect(reply is null or { IsPaid: true }, $"Run {e.RunId} was served by {agent}, whose reply came too late, says no or does not fit: {reply?.Content.Read<JsonElement>()}.");
        findings.Expect(reply is null || e.Output is not { } output || output.Utf8.Span.SequenceEqual(reply.Content.Utf8.Span), $"The output of run {e.RunId} is not what {agent} replied.");
        _paid += e.AmountMicros - (e.Payment?.FeeMicros ?? 0);
        Served++;
        FailedOver += run.Asked.Count > 1 ? 1 : 0;
    }

    /// <summary>By what the seller has put into it, whatever the message says of itself.</summary>
    private static bool Fits(Personal content) => content.Read<JsonElement>() is var said && said.TryGetProperty("run", out _) && !said.TryGetProperty("no", out _) && !said.TryGetProperty("part", out _);

    private static string Name(Guid runId) => runId.ToString("D", CultureInfo.InvariantCulture);

    private Run RunOf(Guid runId)
    {
        if (!_runs.TryGetValue(Name(runId), out var run))
        {
            _runs.Add(Name(runId), run = new());
        }

        return run;
    }

    private sealed record Replied(string Agent, Personal Content, bool IsPaid, DateTimeOffset At);

    private sealed class Run
    {
        public Guid Id { get; set; }

        public string ServiceId { get; set; } = "";

        public DateTimeOffset? CalledAt { get; set; }

        public IReadOnlyList<string> Path { get; set; } = [];

        /// <summary>Agents, and where.</summary>
        public Dictionary<string, string> Asked { get; } = new(StringComparer.Ordinal);

        public List<Replied> Replies { get; } = [];

        /// <summary>Conversations.</summary>
        public HashSet<string> Unanswered { get; } = new(StringComparer.Ordinal);
    }
}
