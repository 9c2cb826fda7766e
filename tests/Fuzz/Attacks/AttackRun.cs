using System.Globalization;
using System.Reflection;

namespace Agora.Fuzz.Attacks;

/// <summary>Tries every attack there is, one after the other, on one server: a line each, <c>refused</c> or <c>BROKEN</c>, in the order of their numbers.</summary>
public static class AttackRun
{
    private static readonly Type Shape = typeof(Func<Target, Task<Verdict>>);

    private sealed record Attack(int Number, string What, bool IsLong, Func<Target, Task<Verdict>> Try)
    {
        public bool Is(string name) => What.Contains(name, StringComparison.OrdinalIgnoreCase) || Try.Method.Name.Contains(name, StringComparison.OrdinalIgnoreCase)
            || Number.ToString(CultureInfo.InvariantCulture) == name;
    }

    /// <param name="only">Of those with this number, or whose method or sentence contains it.</param>
    /// <returns>0: all were refused, and there were some.</returns>
    public static async Task<int> All(Target target, string only, TextWriter output)
    {
        var (refused, broken) = (0, 0);
        foreach (var attack in Known().Where(attack => attack.Is(only) && (only.Length > 0 || !attack.IsLong)))
        {
            var verdict = await Tried(attack, target);
            _ = verdict.Broken is null ? refused++ : broken++;
            var line = string.Create(CultureInfo.InvariantCulture, $"{(verdict.Broken is null ? "refused" : "BROKEN")}  {attack.Number,2}  {attack.What}");
            await output.WriteLineAsync($"{line}{(verdict.Broken is { } why ? $": {why}" : "")}{(verdict.Measured is { } measured ? $" ({measured})" : "")}");
        }

        await output.WriteLineAsync($"{refused} refused, {broken} broken");
        return broken == 0 && refused > 0 ? 0 : 1;
    }

    /// <summary>Numbers and sentences of all there are, a line each.</summary>
    public static IEnumerable<string> Lines => Known().Select(attack => string.Create(CultureInfo.InvariantCulture, $"{attack.Number,2}  {attack.What}"));

    private static IEnumerable<Attack> Known() =>
        from method in typeof(AttackRun).Assembly.GetTypes().SelectMany(type => type.GetMethods(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly))
        let attack = method.GetCustomAttribute<AttackAttribute>()
        where attack is not null
        orderby attack.Number, method.DeclaringType!.Name, method.MetadataToken
        select new Attack(attack.Number, attack.What, attack.IsLong, (Func<Target, Task<Verdict>>)method.CreateDelegate(Shape));

    /// <summary>An attack that cannot be carried out shows nothing, so it counts as broken.</summary>
    private static async Task<Verdict> Tried(Attack attack, Target target)
    {
        try
        {
            return await attack.Try(target);
        }
        catch (Exception e) when (e is HttpRequestException or InvalidOperationException or TimeoutException or KeyNotFoundException or System.Text.Json.JsonException)
        {
            return $"could not be tried: {e.Message}";
        }
    }
}
