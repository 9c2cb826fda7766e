using System.Text.Json;
using Agora.Core.Kernel;
using Agora.Core.Nodes;
using Agora.Core.Users;
using Agora.Grains.Kernel;

namespace Agora.Replay;

/// <summary>
/// The user: caps and grants. The recorded limits and the changed ones are two states, and both must admit: laid over one another,
/// a cap that was put later would find counted what it had never counted, and refuse what was admitted.
/// </summary>
public sealed partial class Counterfactual
{
    private UserState _user;

    /// <summary>With the changed limits in place of the recorded; null: none is changed for this user.</summary>
    private UserState? _changed;

    /// <summary>Of runs that were decided anew: the changed limits that counted them, which are others than their payments name.</summary>
    private readonly Dictionary<Guid, string> _counted = [];

    /// <param name="cause">Of the event's entry.</param>
    public void Happened(UserEvent happened, ReadOnlyMemory<byte> cause, Guid commandId, DateTimeOffset at)
    {
        if (at >= To) return;

        switch (happened)
        {
            case UserEvent.HoldReserved e:
                Reserved(e, cause, new(at, commandId, Zones: SystemTimeZones.Instance));
                break;
            case UserEvent.FundPassed e when at >= _from:
                Passed(e, new(at, commandId, Zones: SystemTimeZones.Instance));
                break;
            case UserEvent.HoldPosted e:
                Ended(e.HoldId, e, at);
                break;
            case UserEvent.HoldVoided e:
                Ended(e.HoldId, e, at);
                break;
            case UserEvent.RefundTaken e when _open.TryGetValue(e.RunId, out var hold) && _refused.ContainsKey(hold):
                break; // of a run that never was nothing can come back
            case UserEvent.RefundTaken e:
                _user = _user.Evolve(e, at);
                _changed = _changed?.Evolve(_counted.TryGetValue(e.RunId, out var counted) ? e with { Accounts = counted } : e, at);
                break;
            default:
                Evolve(happened, at);
                break;
        }
    }

    private void Reserved(UserEvent.HoldReserved e, ReadOnlyMemory<byte> cause, Context context)
    {
        var request = RequestOf(e.HoldId);
        request.IsReserved = true;
        if (_refused.ContainsKey(e.HoldId)) return;

        if (context.Now < _from)
        {
            Evolve(e, context.Now);
            return;
        }

        var command = Command(cause);
        var grantee = ((ReserveTerms.OfUser)command.Terms).Grantee;
        _changed = _changed is null ? null : _policy.Lay(_changed, grantee);
        if (Decide(command, e, context) is { } refusal)
        {
            Refuse(request, Refuser.OfUser(refusal, _id.Id, grantee), refusal, context);
        }
    }

    /// <summary>A fund's refusal is as recorded, but the fund that is asked next may be another now, or none.</summary>
    private void Passed(UserEvent.FundPassed e, Context context)
    {
        var request = RequestOf(e.HoldId);
        var ownFund = request.Requested?.OwnFund ?? e is { Next: null, Exhausted: null };
        var refusal = Decide(new UserCommand.NextFund(e.HoldId, e.CampaignId, e.Refused, ownFund), null, context);
        if (e.Next is not null && refusal is not null && !_refused.ContainsKey(e.HoldId) && request.Refused is null)
        {
            Refuse(request, Refuser.OfUser(refusal, _id.Id, request.AgentId), refusal, context);
            FreeUser(e.HoldId, context.Now);
        }
    }

    private void Refuse(Request request, Refuser by, Rejection refusal, Context context)
    {
        if (request.Requested is null)
        {
            request.Refused = (by, refusal); // by its session's clock it is still to come, or it never became durable
        }
        else
        {
            Refuse(request, by, refusal, context.Now);
        }
    }

    /// <summary>A request that is still to come by its session's clock has to find what became of it here.</summary>
    private void Ended(Guid hold, UserEvent happened, DateTimeOffset at)
    {
        if (_requests.TryGetValue(hold, out var request) && (request.IsHeld || happened is UserEvent.HoldVoided) && request is { Requested: not null, Refused: null })
        {
            _requests.Remove(hold);
        }

        Evolve(happened, at);
    }

    /// <summary>By the changed limits and by the recorded; only what both admit happens.</summary>
    /// <param name="reserved">As recorded: it says in which periods it counted, and what was counted then. Null: it is no Reserve.</param>
    private Rejection? Decide(UserCommand command, UserEvent.HoldReserved? reserved, Context context)
    {
        var recorded = UserDecider.Decide(AsRecorded(_user, command, reserved, context), command, context);
        var changed = _changed is null ? null : UserDecider.Decide(AsRecorded(_changed, command, reserved, context), command, context);
        if ((changed?.Answer ?? recorded.Answer)!.Rejection is { } first && command is UserCommand.Node { Asked: NodeCommand.Reserve }) return first;
        if (recorded.Answer!.Rejection is { } refusal && command is UserCommand.Node { Asked: NodeCommand.Reserve }) return refusal;

        _user = recorded.Events.Aggregate(_user, (state, happened) => state.Evolve(happened is UserEvent.HoldReserved held ? held with { Lines = reserved!.Lines } : happened, context.Now));
        _changed = changed?.Events.Aggregate(_changed!, (state, happened) => state.Evolve(happened, context.Now));
        foreach (var held in changed?.Events.OfType<UserEvent.HoldReserved>() ?? [])
        {
            _counted[held.RunId] = string.Join(' ', held.Lines.Select(line => line.Account));
        }

        return recorded.Answer.Rejection;
    }

    /// <summary>In the periods that the row names. Its session was live enough for the release that wrote it: an earlier one let it ask until its last message had arrived.</summary>
    private static UserState AsRecorded(UserState state, UserCommand command, UserEvent.HoldReserved? reserved, Context context)
    {
        var then = RecordedPeriods.In(state, reserved, context);
        return command is UserCommand.Node { Asked: NodeCommand.Reserve { Terms: ReserveTerms.OfUser terms } c } && StreamId.Parse(c.Owner).Id is var id && !then.Sessions.ContainsKey(id)
            ? then with { Sessions = then.Sessions.Add(id, new(new(id, terms.AgentId, state.Stream.Id, new([], [], [], []), 0, context.Now, context.Now), default, Begun: true)) }
            : then;
    }

    private void FreeUser(Guid hold, DateTimeOffset at)
    {
        if (_user.Holds.Open.ContainsKey(hold))
        {
            Evolve(new UserEvent.HoldVoided(hold), at);
        }
    }

    private void Evolve(UserEvent happened, DateTimeOffset at) =>
        (_user, _changed) = (_user.Evolve(happened, at), _changed?.Evolve(happened, at));

    /// <summary>The command that a Reserve's entry keeps (<see cref="UserDecider.KeepsCause"/>).</summary>
    private static NodeCommand.Reserve Command(ReadOnlyMemory<byte> cause)
    {
        using var json = JsonDocument.Parse(cause);
        return (NodeCommand.Reserve)NodeCodec.OfUser.Decode("user.reserve", 1, JsonSerializer.SerializeToUtf8Bytes(json.RootElement.GetProperty("command")), personal: null);
    }
}
