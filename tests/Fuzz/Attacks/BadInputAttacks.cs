namespace Agora.Fuzz.Attacks;

/// <summary>One agent's bad input against a service that all others use.</summary>
internal static class BadInputAttacks
{
    private const int Tries = 30;

    [Attack(9, "30 inputs in a row that a service calls wrong, by one agent, take it from the others")]
    public static async Task<Verdict> BadInput(Target target)
    {
        var id = $"attack-bad-input-{Guid.NewGuid():N}";
        await Services.PutFree(target, id);
        var bad = await target.OpenSession("attack-bad-input");
        var good = await target.OpenSession("attack-good-input");
        await Services.Eventually(() => Run(target, id, good, 1));
        for (var i = 0; i < Tries; i++)
        {
            // The service wants 1 to 20 sentences.
            var answered = await Run(target, id, bad, 1_000 + i);
            if (answered.Status != 502 || !answered.Text.Contains("upstream_failed", StringComparison.Ordinal))
            {
                return $"the {i + 1}. bad input gets {answered.Status} {answered.Text}";
            }
        }

        var other = await Run(target, id, good, 2);
        return other.Status == 200 ? null : $"another agent gets {other.Status} {other.Text}";
    }

    private static Task<Answered> Run(Target target, string service, string token, int sentences) =>
        target.Send("POST", $"/agent/services/{service}/run", token, $$$"""{"input":{"text":"One. Two. Three.","sentences":{{{sentences}}}}}""");
}
