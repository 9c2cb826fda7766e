using Agora.Fuzz.Servers;
using Agora.Testing.Attackers;

namespace Agora.Fuzz.Attacks;

/// <summary>Whoever writes the database and has no master key. On servers of their own, which are ended before.</summary>
internal static class DatabaseAttacks
{
    private static readonly Dictionary<string, string> Often = new() { ["AGORA_CHECKPOINT_SECONDS"] = "1" };

    [Attack(13, "a signing key is put in the place of the server's own, all checkpoints are signed with it, and verify-journal or a start takes it")]
    public static async Task<Verdict> AnotherSigningKey(Target target)
    {
        using var directory = new KeptDirectory();
        await Live(directory);
        var (exitCode, said) = await ServerUnderTest.Run(null, directory, "verify-journal");
        if (exitCode != 0) return $"could not be tried: {said}";

        using var forger = new CheckpointForger(directory.Database);
        forger.SignAnew();
        (exitCode, said) = await ServerUnderTest.Run(null, directory, "verify-journal");
        if (exitCode != 1 || !said.Contains("The public part of signing key 1 is not its own", StringComparison.Ordinal))
        {
            return $"verify-journal: {exitCode}, {said}";
        }

        (exitCode, said) = await ServerUnderTest.Run(null, directory, "verify-journal", "--key", forger.Signer);
        if (exitCode != 1 || !said.Contains($"There is no signing key '{forger.Signer}'", StringComparison.Ordinal))
        {
            return $"verify-journal --key: {exitCode}, {said}";
        }

        (exitCode, said) = await ServerUnderTest.Run(null, directory);
        return exitCode == 2 && said.Contains("somebody changed the database", StringComparison.Ordinal) ? null : $"a start: {exitCode}, {said}";
    }

    /// <summary>Until a checkpoint covers the rows of the demo's walk.</summary>
    private static async Task Live(KeptDirectory directory)
    {
        await using var target = new Target(await ServerUnderTest.Start(Often, directory));
        for (var tries = 0; (await target.Admin("GET", "/admin/checkpoints")).Done().GetProperty("total_count").GetInt64() < 2; tries++)
        {
            if (tries == 100) throw new TimeoutException("no second checkpoint");

            await Task.Delay(TimeSpan.FromMilliseconds(200));
            (await target.Admin("PUT", $"/admin/users/attack-{tries}", "{}")).Done();
        }
    }
}
