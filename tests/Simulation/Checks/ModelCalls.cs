using Agora.Core.Funds;
using Agora.Core.Kernel;
using Agora.Core.Runs;
using Agora.Core.Sessions;
using Agora.Core.Users;
using Agora.Simulation.Cluster;

namespace Agora.Simulation.Checks;

/// <summary>
/// Calls of models, which whoever asked makes: one run, one permit, one call. What was sent to a provider is posted: as it counted, up to what was held, where whoever called said so; as it was held, and marked as an estimate,
/// where nobody knows. Nothing is posted of what was not sent, where that was said. Whoever says that it is there is not taken for lost.
/// </summary>
/// <param name="apart">How far clocks, and words that are under way, are apart; null: the tenant's time leaps.</param>
public sealed class ModelCalls(Findings findings, TimeSpan? apart) : IChecker
{
    private readonly SortedDictionary<Guid, Call> _calls = [];
    private readonly Dictionary<Guid, (string User, IReadOnlyList<string> Accounts)> _limits = [];
    private readonly Dictionary<Guid, (Guid RunId, long? Tokens)> _above = [];
    private readonly Dictionary<(Guid RunId, Guid Caller), CallStanding> _said = [];

    /// <summary>Those under way, as whoever looks on knows them.</summary>
    public IReadOnlyList<(string SessionId, Guid RunId)> Open => [.. _calls.Values.Where(call => call is { Begun: not null, End: null }).Select(call => (call.SessionId, call.Asked.RunId))];

    /// <summary>To providers.</summary>
    public int Sent => _calls.Values.Count(call => call.Sent is not null);

    public int Estimates => _calls.Values.Count(call => call.End?.Model is { IsEstimate: true });

    public void Happened(Committed committed)
    {
        switch (committed.Event)
        {
            case UserEvent.HoldReserved e:
                _limits[e.HoldId] = (committed.Stream.Id, [.. e.Lines.Select(line => line.Account)]);
                break;
            case SessionEvent.HoldReserved e:
                _above[e.HoldId] = (e.RunId, e.Tokens);
                break;
            case SessionEvent.HoldPosted e when _above.GetValueOrDefault(e.HoldId) is { Tokens: not null } hold && _calls.GetValueOrDefault(hold.RunId) is { End.Model: { } called } below:
                findings.Expect(e.Tokens == called.TokensOf(below.Asked.Model!), $"Session {committed.Stream.Id} counts {e.Tokens} tokens of run {hold.RunId} below, which had {called.TokensOf(below.Asked.Model!)}.");
                break;
            case RunEvent.Requested { Model: not null } e:
                findings.Expect(_calls.GetValueOrDefault(e.RunId)?.Begun is null, $"Run {e.RunId} is requested again though a model was called for it.");
                _calls[e.RunId] = new(e, committed.Stream.Id);
                break;
            case RunEvent.CallBegun e:
                Begin(e, committed.At);
                break;
            case RunEvent.Refused e when _calls.GetValueOrDefault(e.RunId) is { Begun: not null }:
                findings.Add($"Run {e.RunId} is refused though a model may have been called for it.");
                break;
            case RunEvent.Concluded e when _calls.GetValueOrDefault(e.RunId) is { } call:
                call.End = e;
                Judge(call, e, committed.At);
                break;
        }
    }

    /// <summary>Somebody was told that it may call the model now.</summary>
    public void Permitted(Guid runId, Guid caller)
    {
        var call = _calls.GetValueOrDefault(runId);
        findings.Expect(call?.Begun is not null, $"{caller} may call the model of run {runId}, which is not durable.");
        findings.Expect(call?.Asked.Model!.Caller == caller, $"{caller} may call the model of run {runId}, for which {call?.Asked.Model!.Caller} had asked.");
    }

    /// <summary>It calls the model.</summary>
    public void Sends(Guid runId, FakeModels.Called called)
    {
        if (_calls.GetValueOrDefault(runId) is not { } call) return; // Runs says so

        findings.Expect(call.Sent is null, $"The model of run {runId} is called twice.");
        call.Sent = called;
        findings.Expect(call.End is not { Posted: false }, $"The model of run {runId} is called, which was voided.");
    }

    /// <summary>It is about to say how it ended, or that it will not call, for it was not told that it may.</summary>
    public void Says(Guid runId, Guid caller, CallStanding standing) => _said[(runId, caller)] = standing;

    /// <summary>The session knew, at this time or later, that the call goes on.</summary>
    public void Heard(Guid runId, DateTimeOffset at)
    {
        var call = _calls.GetValueOrDefault(runId);
        findings.Expect(call?.Begun is not null, $"The call of run {runId} is said to be under way, which never began.");
        if (call is not null)
        {
            call.Heard = at;
        }
    }

    public void Rest()
    {
        foreach (var (id, call) in _calls)
        {
            findings.Expect(call is { Begun: null } or { End: not null }, $"The call of run {id} has no end.");
        }

        foreach (var (hold, (id, tokens)) in _above)
        {
            if (tokens is not null && !_calls.ContainsKey(id)) continue; // its request was lost before it was durable, and its repeat was refused, or waits for its user

            var asked = _calls.GetValueOrDefault(id)?.Asked.Model?.Tokens;
            findings.Expect(tokens == asked, $"Hold {hold} of run {id} counts {tokens} tokens above it; the run may have {asked}.");
        }
    }

    private void Begin(RunEvent.CallBegun e, DateTimeOffset at)
    {
        var call = _calls.GetValueOrDefault(e.RunId);
        findings.Expect(call is { Begun: null, End: null }, $"The call of run {e.RunId} begins, which was not asked for, or had begun before.");
        if (call is not null)
        {
            call.Begun = at;
        }
    }

    private void Judge(Call call, RunEvent.Concluded e, DateTimeOffset at)
    {
        var id = e.RunId;
        if (call.Begun is not { } begun)
        {
            findings.Expect(!e.Posted, $"Run {id} is posted though nobody might call its model.");
            return;
        }

        findings.Expect(e.Posted || call.Sent is null, $"Run {id} is voided ({e.FailureCode}) though its model was called.");
        findings.Expect(e.Posted || Said(call) == CallStanding.Unsent, $"Run {id} is voided ({e.FailureCode}) though nobody said that its model was not called.");
        if (e.Model is not { } model)
        {
            findings.Add($"Run {id} does not say what was spent at its model.");
        }
        else if (e.Posted)
        {
            Posted(call, e, model);
            if (model.IsEstimate && Said(call) != CallStanding.Unknown) // what else was said did not come in time
            {
                Lost(call, id, begun, at);
            }
        }
    }

    private void Posted(Call call, RunEvent.Concluded e, CalledModel model)
    {
        var (id, bound, sent) = (e.RunId, call.Asked.Model!.BoundMicros, call.Sent);
        if (model.CachedFrom is not null)
        {
            findings.Expect((sent, model.Usage, model.OverMicros) == (null, null, 0) && e.AmountMicros <= bound, $"Run {id}, whose answer is another's, called {sent}, and is posted for {e.AmountMicros} of {bound}.");
        }
        else if (model.IsEstimate)
        {
            findings.Expect((e.AmountMicros, model.OverMicros) == (bound, 0), $"Run {id}, of which nobody knows what was spent, is posted for {e.AmountMicros} of {bound}.");
        }
        else
        {
            findings.Expect(Said(call) == CallStanding.Known && sent is not null, $"Run {id} is posted as known, and nobody said so.");
            findings.Expect(
                sent is null || (e.AmountMicros, model.OverMicros) == (Math.Min(sent.CostMicros, bound), Math.Max(0, sent.CostMicros - bound)),
                $"Run {id}, held for {bound}, is posted for {e.AmountMicros} and {model.OverMicros} beyond; its provider counted {sent?.CostMicros}.");
            findings.Expect((model.Usage, model.ProviderId) == (sent?.Usage, sent?.ProviderId), $"Run {id} records {model.Usage} of {model.ProviderId}; its provider counted {sent?.Usage} of {sent?.ProviderId}.");
        }

        Paid(call, e);
    }

    /// <summary>By whoever pays for services, or by nobody here; it names every limit that counted it.</summary>
    private void Paid(Call call, RunEvent.Concluded e)
    {
        var payment = e.Payment;
        var isPaid = payment is not null && payment.AmountMicros == e.AmountMicros && !string.IsNullOrEmpty(payment.Why) && (call.Asked.Model!.Charges
            ? payment.PayerKind != PayerKinds.Nobody || call.Asked.PriceMicros == 0
            : payment is { PayerKind: PayerKinds.Nobody, PayerId: "", Source: "operator", FeeMicros: 0 });
        findings.Expect(isPaid, $"Run {e.RunId} is paid by {payment}.");
        var nodes = (payment?.Nodes ?? "").Split(' ');
        var missing = _limits.TryGetValue(call.Asked.UserHold, out var limits) && call.Asked.PriceMicros > 0 ? limits.Accounts.Select(account => $"user/{limits.User}/{account}").Except(nodes).FirstOrDefault() : null;
        findings.Expect(missing is null, $"Run {e.RunId} was counted by {missing}, which its payment does not name.");
    }

    private void Lost(Call call, Guid id, DateTimeOffset begun, DateTimeOffset at)
    {
        var heard = call.Heard > begun ? call.Heard.Value : begun;
        findings.Expect(apart is null || at - heard >= Limits.ModelLostAfter - apart, $"Whoever calls the model of run {id} is taken for lost at {at:O}, and was heard of at {heard:O}.");
    }

    /// <summary>Null: whoever calls has not said how it ended.</summary>
    private CallStanding? Said(Call call) => _said.TryGetValue((call.Asked.RunId, call.Asked.Model!.Caller), out var said) ? said : null;

    private sealed class Call(RunEvent.Requested asked, string sessionId)
    {
        public RunEvent.Requested Asked { get; } = asked;

        public string SessionId { get; } = sessionId;

        public DateTimeOffset? Begun { get; set; }

        /// <summary>Null: nothing was sent.</summary>
        public FakeModels.Called? Sent { get; set; }

        public DateTimeOffset? Heard { get; set; }

        public RunEvent.Concluded? End { get; set; }
    }
}
