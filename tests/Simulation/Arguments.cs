using System.Globalization;
using Agora.Simulation.Plants;

namespace Agora.Simulation;

/// <summary>What the command line asks for.</summary>
/// <param name="Planted">Plant each bug in turn, and say after how many seeds it is found.</param>
/// <param name="Log">Tell on standard error all that happens.</param>
public sealed record Arguments(int First, int Last, Plant Plant, bool Planted, bool Log)
{
    public const string Usage = "usage: --seed N | --seeds N [--plant NAME] [--log] | --planted\n  plants: reply-before-durable, no-fencing, hold-forgotten-on-crash, post-twice, tombstone-missing, expiry-off-by-one, delegation-unchecked, credit-lost, refund-twice, approval-unchecked, approved-twice, attempt-forgotten";

    /// <returns>Null: it cannot be understood.</returns>
    public static Arguments? Parse(IReadOnlyList<string> args)
    {
        var parsed = new Arguments(1, 0, Plant.None, false, false);
        for (var i = 0; i < args.Count; i++)
        {
            if (args[i] is "--planted" or "--log")
            {
                parsed = args[i] == "--log" ? parsed with { Log = true } : parsed with { Planted = true };
                continue;
            }

            if (++i == args.Count || With(parsed, args[i - 1], args[i]) is not { } next)
            {
                return null;
            }

            parsed = next;
        }

        return parsed.Planted || parsed.Last >= parsed.First ? parsed : null;
    }

    private static Arguments? With(Arguments so, string name, string value)
    {
        if (name == "--plant")
        {
            return Plant.All.FirstOrDefault(p => p.Name == value) is { } plant ? so with { Plant = plant } : null;
        }

        var isNumber = int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0;
        return (name, isNumber) switch
        {
            ("--seed", true) => so with { First = number, Last = number },
            ("--seeds", true) => so with { First = 1, Last = number },
            _ => null,
        };
    }
}
