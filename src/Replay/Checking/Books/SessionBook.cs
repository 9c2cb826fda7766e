using Agora.Core.Access;
using Agora.Core.Runs;
using Agora.Core.Sessions;

namespace Agora.Replay.Checking.Books;

/// <summary>
/// A session spends and holds no more than its budget, and has no more of models than it may, runs below included, takes on nothing after its end or while it is suspended, decides each of its runs once, and tells its budget as it is.
/// </summary>
public sealed class SessionBook(string id, Action<string> broken) : Book(broken)
{
    private readonly Dictionary<Guid, long> _held = [];
    private readonly Dictionary<Guid, long> _below = [];
    private readonly HashSet<Guid> _concluded = [];
    private readonly Dictionary<Guid, long> _tokens = [];
    private readonly Dictionary<Guid, ModelCall> _asked = [];
    private ModelAllowance? _allowed;
    private long _tokensUsed;
    private long _callsMade;
    private DateTimeOffset _minute; // began with the first call, or the first end of a call, after the minute before
    private long _minuteTokens;
    private long _minuteCalls;
    private long? _limit;
    private long _reserved;
    private bool _ended;
    private DateTimeOffset? _suspendedUntil;

    /// <summary>Null: it has not begun.</summary>
    public SessionEvent.Begun? Begun { get; private set; }

    /// <summary>The most that it could ever spend: what it began with, and what its user raised that to. Null: no limit.</summary>
    public long? MostMicros { get; private set; }

    /// <summary>Sessions above, the root first.</summary>
    public IReadOnlyList<PathNode> Path => Begun?.Path ?? [];

    /// <summary>Spent by its own runs.</summary>
    public long OwnMicros { get; private set; }

    /// <summary>Less what was given back.</summary>
    public long SpentMicros { get; private set; }

    public long BackMicros { get; private set; }

    /// <summary>Null: nothing is held for a run of its own.</summary>
    public Guid? Held => _held.Count == 0 ? null : _held.Keys.First();

    /// <summary>Null: nothing is held for a run below.</summary>
    public Guid? Below => _below.Count == 0 ? null : _below.Keys.First();

    public override void Happened(Committed committed)
    {
        var at = committed.At;
        switch (committed.Event)
        {
            case SessionEvent.Begun e:
                Expect(Begun is null, $"Session {id} begins twice.");
                (_limit, MostMicros, _allowed, Begun) = (e.BudgetLimitMicros, e.BudgetLimitMicros, e.Scopes.Models, e);
                break;
            case SessionEvent.Revoked or SessionEvent.EndedAbove or SessionEvent.EndedFor:
                _ended = true;
                break;
            case SessionEvent.StandingChanged e:
                (_limit, _allowed) = e.Terms is { } terms ? (terms.BudgetLimitMicros, terms.Scopes.Models) : (_limit, _allowed);
                _suspendedUntil = e.Suspended ? e.Until ?? DateTimeOffset.MaxValue : null;
                break;
            case SessionEvent.HoldReserved e:
                TakesOn(at);
                Expect(Hold(_below, e.HoldId, e.AmountMicros), $"Hold {e.HoldId} is reserved at session {id} twice.");
                Within(e.AmountMicros);
                Calls(e.HoldId, e.Tokens, at);
                break;
            case SessionEvent.HoldPosted e:
                Called(e.HoldId, e.Tokens, at);
                var below = Release(_below, e.HoldId);
                Expect(e.AmountMicros <= below, $"Hold {e.HoldId} is posted at session {id} for {e.AmountMicros} with {below} held.");
                SpentMicros += e.AmountMicros;
                break;
            case SessionEvent.HoldVoided e:
                Called(e.HoldId, used: null, at);
                Release(_below, e.HoldId);
                break;
            case SessionEvent.RefundTaken e:
                SpentMicros -= e.AmountMicros;
                BackMicros += e.AmountMicros;
                break;
            case SessionEvent.Delegated:
                TakesOn(at);
                break;
            case RunEvent run:
                Happened(run, at);
                break;
        }
    }

    private void Happened(RunEvent happened, DateTimeOffset at)
    {
        switch (happened)
        {
            case RunEvent.Requested e:
                Expect(!_concluded.Contains(e.RunId) && Hold(_held, e.RunId, e.PriceMicros), $"Run {e.RunId} is requested again though it was not refused.");
                TakesOn(at);
                Within(e.PriceMicros);
                Calls(e.RunId, e.Model?.Tokens, at);
                if (e.Model is { } model)
                {
                    _asked[e.RunId] = model;
                }

                break;
            case RunEvent.Concluded e:
                Called(e.RunId, e.TokensOf(_asked.GetValueOrDefault(e.RunId)), at);
                Expect(_concluded.Add(e.RunId), $"Run {e.RunId} is concluded twice.");
                var held = Release(_held, e.RunId);
                Expect(e.AmountMicros <= held, $"Run {e.RunId} is concluded for {e.AmountMicros} with {held} held.");
                Expect(e.Posted || e.AmountMicros == 0, $"Run {e.RunId} failed and costs {e.AmountMicros}.");
                SpentMicros += e.AmountMicros;
                OwnMicros += e.AmountMicros;
                Expect(
                    e.BudgetAfter.SpentMicros == SpentMicros && e.BudgetAfter.ReservedMicros == _reserved,
                    $"Run {e.RunId} tells a budget of {e.BudgetAfter.SpentMicros} spent and {e.BudgetAfter.ReservedMicros} reserved; it is {SpentMicros} and {_reserved}.");
                Expect(e.BudgetAfter.LimitMicros == _limit, $"Run {e.RunId} tells a budget of {e.BudgetAfter.LimitMicros}; it is {_limit}.");
                break;
            case RunEvent.AwaitsApproval e:
                Expect(e.Run.Waiting.BeyondBudget ? !_held.ContainsKey(e.Run.RunId) : Release(_held, e.Run.RunId) >= 0, $"Run {e.Run.RunId} waits for approval though it was not under way.");
                Live(at);
                break;
            case RunEvent.Approved e:
                Expect(!_concluded.Contains(e.Run.RunId) && Hold(_held, e.Run.RunId, e.Run.PriceMicros), $"Run {e.Run.RunId} is approved though it was under way.");
                TakesOn(at);
                Raise(e.Run.RunId, e.RaisedMicros, e.Waited, ApprovalState.Approved);
                Within(e.Run.PriceMicros);
                break;
            case RunEvent.WaitEnded e:
                Raise(e.RunId, e.RaisedMicros, e.Waited, e.Approval);
                Expect(!_held.ContainsKey(e.RunId) && _concluded.Add(e.RunId), $"Run {e.RunId} stops waiting though it was under way.");
                break;
            case RunEvent.Refused e:
                Called(e.RunId, used: null, at);
                Expect(Release(_held, e.RunId) >= 0, $"Run {e.RunId} is refused though it was not under way.");
                break;
        }
    }

    /// <summary>Only by a yes to what was asked.</summary>
    private void Raise(Guid runId, long amount, WaitingFacts asked, ApprovalState said)
    {
        Expect(amount == 0 || (asked.BeyondBudget && said == ApprovalState.Approved && amount <= asked.MaxMicros), $"Run {runId} raises the budget of session {id} by {amount}, which its user did not say.");
        _limit += amount;
        MostMicros = MostMicros > _limit ? MostMicros : _limit;
    }

    /// <summary>A limit that was lowered below what is spent stops what costs something; what is free needs no room.</summary>
    private void Within(long amount) => Expect(amount == 0 || SpentMicros + _reserved <= _limit, $"Session {id} overspends: {SpentMicros} spent + {_reserved} held of {_limit}.");

    /// <param name="tokens">Null: it is no call of a model.</param>
    private void Calls(Guid hold, long? tokens, DateTimeOffset at)
    {
        if (tokens is not { } most) return;

        _tokens[hold] = most;
        var (held, calls) = (_tokensUsed + _tokens.Values.Sum(), _callsMade + _tokens.Count);
        Expect(!(held > _allowed?.Tokens) && !(calls > _allowed?.Calls), $"Session {id} has {held} tokens of {_allowed?.Tokens} and {calls} calls of {_allowed?.Calls}.");

        Minute(at);
        _minuteCalls++;
        var inMinute = _minuteTokens + _tokens.Values.Sum();
        Expect(
            !(inMinute > _allowed?.TokensPerMinute) && !(_minuteCalls > _allowed?.CallsPerMinute),
            $"Session {id} has {inMinute} tokens of {_allowed?.TokensPerMinute} and {_minuteCalls} calls of {_allowed?.CallsPerMinute} in a minute.");
    }

    private void Minute(DateTimeOffset at)
    {
        if (at - _minute < TimeSpan.FromMinutes(1)) return;

        (_minute, _minuteTokens, _minuteCalls) = (at, 0, 0);
    }

    private void Called(Guid hold, long? used, DateTimeOffset at)
    {
        if (!_tokens.Remove(hold, out var held)) return;

        Expect(!(used > held), $"Of {held} tokens at session {id} {used} were used.");
        (_tokensUsed, _callsMade) = (_tokensUsed + (used ?? 0), _callsMade + (used is null ? 0 : 1));
        Minute(at);
        _minuteTokens += used ?? 0;
        _asked.Remove(hold);
    }

    private void TakesOn(DateTimeOffset at)
    {
        Expect(!(at < _suspendedUntil), $"Session {id} takes on something new while it is suspended.");
        Live(at);
    }

    private void Live(DateTimeOffset at) => Expect(!_ended && at < Begun?.ExpiresAt, $"Session {id} takes on something new after its end.");

    private bool Hold(Dictionary<Guid, long> holds, Guid hold, long amount)
    {
        if (!holds.TryAdd(hold, amount)) return false;

        _reserved += amount;
        return true;
    }

    /// <returns>What it held; −1: there is no such hold.</returns>
    private long Release(Dictionary<Guid, long> holds, Guid hold)
    {
        if (!holds.Remove(hold, out var held)) return -1;

        _reserved -= held;
        return held;
    }
}
