using Agora.Fuzz.Servers;

namespace Agora.Fuzz.Attacks;

/// <summary>A sponsor who wants what another sponsor is just making.</summary>
internal static class OwnershipAttacks
{
    private const string Thief = "key-of-a-thief-who-is-a-sponsor-too-01";
    private const string Other = "key-of-the-sponsor-who-came-first-0001";
    private const int Rounds = 30;

    [Attack(19, "a campaign is taken from the sponsor who makes it, at the same moment")]
    public static async Task<Verdict> TakenCampaign(Target _)
    {
        await using var target = new Target(await ServerUnderTest.Start(new Dictionary<string, string> { ["AGORA_OPERATOR_KEYS"] = $"thief:{Thief}:sponsor=thief,other:{Other}:sponsor=other" }));
        for (var round = 0; round < Rounds; round++)
        {
            var path = $"/admin/campaigns/attack-taken-{round}";
            var tries = Enumerable.Range(0, 8).Select(_ => target.Send("PUT", path, Thief, Campaign("thief"), ("If-Match", "*"))).ToList();
            var made = await target.Send("PUT", path, Other, Campaign("other"));
            tries.AddRange(Enumerable.Range(0, 8).Select(_ => target.Send("PUT", path, Thief, Campaign("thief"), ("If-Match", "*"))));
            await Task.WhenAll(tries);

            var owner = (await target.Admin("GET", path)).Done().GetProperty("owner").GetString();
            if (made.Status != 200 || owner != "other") return $"it was made with {made.Status}, and is {owner}'s";
        }

        return new(null, $"{Rounds} campaigns");
    }

    private static string Campaign(string owner) =>
        $$$"""{"owner":"{{{owner}}}","sponsor":"S","task":{"name":"T","type":"survey","description":"D","schema":{"type":"object"},"data_types":["preferences"],"consents":[]},"services":[{"service_id":"text-summary"}],"runs_per_completion":1}""";
}
