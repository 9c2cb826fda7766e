using Agora.Core.Kernel;
using Decided = Agora.Core.Kernel.Decision<Agora.Core.Users.UserState, Agora.Core.Users.UserEvent>;

namespace Agora.Core.Users;

/// <summary>A higher cap until a time. It is a put of what is there, with the raise beside it: nothing else of the user or grant changes.</summary>
public sealed partial class UserDecider
{
    private static Decided RaiseCaps(UserState state, UserCommand.RaiseCaps c, Context context)
    {
        if (!state.Exists) return Decided.Reject(UserRejection.NotFound);
        if (state.ErasedAt is not null) return Decided.Reject(UserRejection.Erased);
        if (c.If?.Refusal(state.RaiseAt(context.Now)?.Etag) is { } failed) return Decided.Reject(failed);
        if (c.Raise is { DailyCapMicros: null, MonthlyCapMicros: null }) return Decided.Reject(UserRejection.RaisesNothing);
        if (!IsInTime(c.Raise.Until, context.Now)) return Decided.Reject(UserRejection.RaiseOutOfTime);
        if (NotAbove("daily_cap_cents", c.Raise.DailyCapMicros, state.DailyCapMicros) is { } day) return Decided.Reject(day);
        if (NotAbove("monthly_cap_cents", c.Raise.MonthlyCapMicros, state.MonthlyCapMicros) is { } month) return Decided.Reject(month);

        return c.Raise == state.RaiseAt(context.Now) ? Decided.Accept(state.View with { Raise = c.Raise }) : Put(state, c.Raise);
    }

    private static Decided EndRaise(UserState state, UserCommand.EndRaise c, Context context)
    {
        if (!state.Exists) return Decided.Reject(UserRejection.NotFound);
        if (state.RaiseAt(context.Now) is not { } raise) return Decided.Reject(UserRejection.NoRaise);

        return c.If?.Refusal(raise.Etag) is { } failed ? Decided.Reject(failed) : Put(state, null);
    }

    private static Decided RaiseGrant(UserState state, UserCommand.RaiseGrant c, Context context)
    {
        if (!state.Exists) return Decided.Reject(UserRejection.NotFound);
        if (!state.Grants.TryGetValue(c.AgentId, out var grant)) return Decided.Reject(UserRejection.NoSuchGrant);
        if (c.If?.Refusal(state.RaiseAt(c.AgentId, context.Now)?.Etag) is { } failed) return Decided.Reject(failed);
        if (!IsInTime(c.Raise.Until, context.Now)) return Decided.Reject(UserRejection.RaiseOutOfTime);
        if (NotAbove("total_limit_cents", c.Raise.TotalLimitMicros, grant.TotalLimitMicros) is { } total) return Decided.Reject(total);

        return c.Raise == state.RaiseAt(c.AgentId, context.Now) ? Decided.Accept(new GrantView(c.AgentId, grant, Raise: c.Raise)) : Put(c.AgentId, grant, c.Raise);
    }

    private static Decided EndGrantRaise(UserState state, UserCommand.EndGrantRaise c, Context context)
    {
        if (!state.Exists) return Decided.Reject(UserRejection.NotFound);
        if (!state.Grants.TryGetValue(c.AgentId, out var grant)) return Decided.Reject(UserRejection.NoSuchGrant);
        if (state.RaiseAt(c.AgentId, context.Now) is not { } raise) return Decided.Reject(UserRejection.NoRaise);

        return c.If?.Refusal(raise.Etag) is { } failed ? Decided.Reject(failed) : Put(c.AgentId, grant, null);
    }

    private static Decided Put(UserState state, CapRaise? raise)
    {
        var put = new UserEvent.UserPut(
            state.Stream.Id, state.DailyCapMicros, state.MonthlyCapMicros, state.GrantViews, Paused: state.Pause.Suspension is not null, Parts: state.Parts) { Profile = state.Profile?.Whole }.Under(raise);
        return Decided.Accept(put.View, put);
    }

    private static Decided Put(string agentId, Grant grant, GrantRaise? raise)
    {
        var put = new UserEvent.GrantPut(agentId, grant).Under(raise);
        return Decided.Accept(put.View, put);
    }

    private static bool IsInTime(DateTimeOffset until, DateTimeOffset now) => until > now && until <= now + Limits.RaiseAtMost;

    /// <param name="raised">Null: it is not to be raised.</param>
    private static Rejection? NotAbove(string member, long? raised, long? cap) =>
        raised is not { } amount ? null
        : !Money.InRange(amount) ? UserRejection.AmountOutOfRange
        : cap is null ? UserRejection.NothingToRaise(member)
        : amount <= cap ? UserRejection.NotAbove(member, cap.Value)
        : null;
}
