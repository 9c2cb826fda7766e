using System.Reflection;

namespace Agora.Fuzz.Attacks;

/// <summary>Tries every attack there is, one after the other, on one server: a line each, <c>refused</c> or <c>BROKEN</c>.</summary>
public static class AttackRun
{
    private static readonly Type Shape = typeof(Func<Target, Task<string?>>);

    /// <param name="only">Of those whose method or sentence contains this.</param>
    /// <returns>0: all were refused, and there were some.</returns>
    public static async Task<int> All(Target target, string only, TextWriter output)
    {
        var (refused, broken) = (0, 0);
        foreach (var (what, attack) in Known().Where(a => a.What.Contains(only, StringComparison.OrdinalIgnoreCase) || a.Try.Method.Name.Contains(only, StringComparison.OrdinalIgnoreCase)))
        {
            var why = await Tried(attack, target);
            _ = why is null ? refused++ : broken++;
            await output.WriteLineAsync(why is null ? $"refused  {what}" : $"BROKEN   {what}: {why}");
        }

        await output.WriteLineAsync($"{refused} refused, {broken} broken");
        return broken == 0 && refused > 0 ? 0 : 1;
    }

    private static IEnumerable<(string What, Func<Target, Task<string?>> Try)> Known() =>
        from method in typeof(AttackRun).Assembly.GetTypes().SelectMany(type => type.GetMethods(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly))
        let attack = method.GetCustomAttribute<AttackAttribute>()
        where attack is not null
        orderby method.DeclaringType!.Name, method.MetadataToken
        select (attack.What, (Func<Target, Task<string?>>)method.CreateDelegate(Shape));

    /// <summary>An attack that cannot be carried out shows nothing, so it counts as broken.</summary>
    private static async Task<string?> Tried(Func<Target, Task<string?>> attack, Target target)
    {
        try
        {
            return await attack(target);
        }
        catch (Exception e) when (e is HttpRequestException or InvalidOperationException or TimeoutException or KeyNotFoundException or System.Text.Json.JsonException)
        {
            return $"could not be tried: {e.Message}";
        }
    }
}
