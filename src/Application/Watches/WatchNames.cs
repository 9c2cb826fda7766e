using System.Diagnostics;
using Agora.Core.Watches;

namespace Agora.Application.Watches;

/// <summary>As the API calls what is stored as a number.</summary>
internal static class WatchNames
{
    public static string Of(Intervening what) => what switch
    {
        Intervening.Pause => "pause",
        Intervening.Resume => "resume",
        Intervening.Say => "say",
        Intervening.TakeSeat => "take_seat",
        Intervening.LeaveSeat => "leave_seat",
        Intervening.Stop => "stop",
        Intervening.RaiseBudget => "raise_budget",
        _ => throw new UnreachableException(what.ToString()),
    };

    public static string Of(TurnFinish finish) => finish switch
    {
        TurnFinish.Said => "said",
        TurnFinish.Silent => "silent",
        TurnFinish.StopWord => "stop_word",
        TurnFinish.Cut => "cut",
        _ => throw new UnreachableException(finish.ToString()),
    };

    public static string Of(Ending ending) => ending switch
    {
        Ending.Stopped => "stopped",
        Ending.Turns => "turns",
        Ending.StopWord => "stop_word",
        Ending.Silence => "silence",
        _ => throw new UnreachableException(ending.ToString()),
    };

    public static string Of(Pausing why) => why switch
    {
        Pausing.Person => "person",
        Pausing.Budget => "budget",
        Pausing.Failed => "failed",
        Pausing.Refused => "refused",
        _ => throw new UnreachableException(why.ToString()),
    };

    public static IReadOnlyList<string> Endings { get; } = [.. Enum.GetValues<Ending>().Select(static ending => Of(ending))];

    public static IReadOnlyList<string> Pauses { get; } = [.. Enum.GetValues<Pausing>().Select(static why => Of(why))];
}
