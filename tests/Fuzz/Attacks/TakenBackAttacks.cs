using System.Diagnostics;
using System.Globalization;

namespace Agora.Fuzz.Attacks;

/// <summary>What an operator takes from an agent is tried on: by a session that lives, and by one below it, which another agent holds.</summary>
internal static class TakenBackAttacks
{
    private const string Grant = """{"scopes":{"allowed_task_types":["*"],"allowed_data_types":["*"],"allowed_categories":["*"],"allowed_consents":["*"],"budget_limit_cents":100}}""";
    private const string Narrow = """{"scopes":{"allowed_task_types":["*"],"allowed_data_types":["*"],"allowed_categories":["music"],"allowed_consents":["*"],"budget_limit_cents":40}}""";
    private const string Reason = """{"reason":"An attack"}""";
    private const string Free = "attack-free";

    /// <summary>From the operator's reply on.</summary>
    private static readonly TimeSpan Within = TimeSpan.FromSeconds(1);

    /// <summary>An agent with a key, a user with a grant for it, and two sessions: one that the key opened, one delegated from that.</summary>
    private sealed record Held(string Name, string KeyId, string SessionId, string Root, string Below);

    [Attack(10, "a session that a revoked key opened goes on, or one below it")]
    public static Task<Verdict> RevokedKey(Target target) => Taken(target, "revoked", held => target.Admin("DELETE", $"/admin/agents/{held.Name}/keys/{held.KeyId}"));

    [Attack(10, "a session under a grant that was ended goes on, or one below it")]
    public static Task<Verdict> EndedGrant(Target target) => Taken(target, "ended-grant", held => target.Admin("DELETE", $"/admin/users/{held.Name}/grants/{held.Name}"));

    [Attack(10, "a session of a paused user goes on, or one below it")]
    public static Task<Verdict> PausedUser(Target target) => Taken(target, "paused", held => target.Admin("POST", $"/admin/users/{held.Name}/pause", Reason));

    [Attack(10, "a session of an erased user goes on, or one below it")]
    public static Task<Verdict> ErasedUser(Target target) => Taken(target, "erased", held => target.Admin("DELETE", $"/admin/users/{held.Name}/personal-data"));

    [Attack(10, "a session of a stopped agent goes on, or one below it")]
    public static Task<Verdict> StoppedAgent(Target target) => Taken(target, "stopped", held => target.Admin("POST", $"/admin/agents/{held.Name}/stop", Reason));

    [Attack(10, "a session that an operator ended goes on, or one below it")]
    public static Task<Verdict> EndedSession(Target target) => Taken(target, "ended", held => target.Admin("POST", $"/admin/sessions/{held.SessionId}/end", Reason));

    [Attack(10, "a session keeps what its grant was narrowed by, or one below it does")]
    public static async Task<Verdict> NarrowedGrant(Target target)
    {
        var held = await Hold(target, "narrowed");
        var put = await target.Admin("PUT", $"/admin/users/{held.Name}/grants/{held.Name}", Narrow);
        return put.Status != 200 ? $"could not be tried: {put.Status} {put.Text}" : await UntilRefused(target, held, answered => answered.Status == 403 && answered.Text.Contains("scope_violation", StringComparison.Ordinal), Run)
            ?? await Budgets(target, held);
    }

    private static async Task<Verdict> Taken(Target target, string how, Func<Held, Task<Answered>> take)
    {
        var held = await Hold(target, how);
        var taken = await take(held);
        return taken.Status != 200 ? $"could not be tried: {taken.Status} {taken.Text}" : await UntilRefused(target, held, answered => answered.Status is 401 or 403, Look, Run);
    }

    /// <returns>What still works when the time is up; null: nothing does, neither for the one nor for the other.</returns>
    private static async Task<string?> UntilRefused(Target target, Held held, Func<Answered, bool> isRefused, params Func<Target, string, Task<Answered>>[] acts)
    {
        var started = Stopwatch.GetTimestamp();
        foreach (var (whose, token) in new[] { ("the session", held.Root), ("the session below it", held.Below) })
        {
            foreach (var act in acts)
            {
                var answered = await act(target, token);
                while (!isRefused(answered) && Stopwatch.GetElapsedTime(started) < Within)
                {
                    answered = await act(target, token);
                }

                if (!isRefused(answered)) return $"{whose} gets {answered.Status} {answered.Text}";
            }
        }

        return null;
    }

    private static async Task<string?> Budgets(Target target, Held held)
    {
        foreach (var token in new[] { held.Root, held.Below })
        {
            var budget = (await Look(target, token)).Json.GetProperty("data").GetProperty("budget").GetProperty("limit_cents").GetDecimal();
            if (budget != 40) return $"a budget is still {budget.ToString(CultureInfo.InvariantCulture)}";
        }

        return null;
    }

    private static Task<Answered> Look(Target target, string token) => target.Send("GET", "/agent/flow/status", token);

    // With an input of its own each time: one that was seen before is refused for that.
    private static Task<Answered> Run(Target target, string token) => target.Send("POST", $"/agent/services/{Free}/run", token, $$$"""{"input":{"text":"{{{Guid.NewGuid()}}}","sentences":1}}""");

    /// <summary>Both sessions look and run before anything is taken, or the attack shows nothing.</summary>
    private static async Task<Held> Hold(Target target, string how)
    {
        var name = $"attack-{how}-{Guid.NewGuid():N}";
        await Services.PutFree(target, Free);
        await Done(target.Admin("PUT", $"/admin/agents/{name}", "{}"));
        await Done(target.Admin("PUT", $"/admin/agents/{name}-below", "{}"));
        await Done(target.Admin("PUT", $"/admin/users/{name}", "{}"));
        await Done(target.Admin("PUT", $"/admin/users/{name}/grants/{name}", Grant));
        var key = await Done(target.Admin("POST", $"/admin/agents/{name}/keys", "{}"));
        var root = await Done(target.Send("POST", "/agent/auth", key.GetProperty("key").GetString(), $$"""{"agent_id":"{{name}}","user_id":"{{name}}"}"""));
        var rootToken = root.GetProperty("token").GetString()!;
        var below = await Done(target.Send("POST", "/agent/session/delegate", rootToken, $$"""{"agent_id":"{{name}}-below"}"""));
        var held = new Held(name, key.GetProperty("key_id").GetString()!, root.GetProperty("session_id").GetString()!, rootToken, below.GetProperty("token").GetString()!);
        foreach (var token in new[] { held.Root, held.Below })
        {
            await Done(Look(target, token));
            await Services.Eventually(() => Run(target, token));
        }

        return held;
    }

    private static async Task<System.Text.Json.JsonElement> Done(Task<Answered> asked) => (await asked).Done();
}
