using Agora.Core.Kernel;
using Agora.Core.Users;

namespace Agora.Replay;

/// <summary>
/// The day and month in which a run was counted, as its recorded lines say: also where the time zone was erased since. A row of an earlier release
/// names only what had a cap then.
/// </summary>
internal static class RecordedPeriods
{
    /// <summary>Every zone lies from UTC−12 to UTC+14, so one of the two ends, or UTC, is in the recorded month as well.</summary>
    private static readonly TimeSpan[] Offsets = [TimeSpan.Zero, TimeSpan.FromHours(14), TimeSpan.FromHours(-12)];

    /// <returns>The state in the recorded periods; as it is where neither was counted.</returns>
    public static UserState In(UserState state, UserEvent.HoldReserved? reserved, Context context)
    {
        var accounts = reserved?.Lines.Select(line => line.Account).ToList() ?? [];
        var (day, month) = (accounts.Find(AccountKeys.IsDay), accounts.Find(AccountKeys.IsMonth));
        if ((day ?? month) is null) return state;

        day ??= state.Profile is null ? AccountKeys.Day(context.Now.ToOffset(Array.Find(Offsets, o => AccountKeys.Month(context.Now.ToOffset(o).DateTime) == month)).DateTime) : state.AccountsAt(context).Day;
        return state with { Begun = new(day, DateTimeOffset.MaxValue, month ?? AccountKeys.MonthOf(day), DateTimeOffset.MaxValue) };
    }
}
