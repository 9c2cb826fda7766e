using Agora.Crash.Support;
using Agora.Testing.Postgres;
using Xunit.Abstractions;

namespace Agora.Crash;

/// <summary>
/// An update and a step back: data that another release wrote under every kind of money are served by this one, and by the other one again. What was acknowledged before is answered as it was, nothing is lost or done twice, and the
/// journal verifies and checks. Build the other release's silo and name its folder in AGORA_OTHER_RELEASE.
/// </summary>
public sealed class OtherReleaseTests(ITestOutputHelper output)
{
    private const int Deeds = 100;

    private static string? Other => OtherReleaseFactAttribute.Folder;

    [OtherReleaseFact]
    public Task Data_of_another_release_are_served_by_this_one_and_again_by_the_other_on_SQLite() => Prove("SQLite", []);

    [OtherReleaseFact]
    public Task Data_of_another_release_are_served_by_this_one_and_again_by_the_other_on_PostgreSQL() => Prove("PostgreSQL", ["--postgres", PostgresServer.Shared.CreateDatabase("other_release")]);

    private async Task Prove(string name, string[] store)
    {
        await using var run = await MoneyRun.Start(store, release: Other);
        await run.Acknowledged(Deeds);
        await run.Replace(null);
        await run.Verify();
        await run.Acknowledged(Deeds);
        await run.Replace(Other);
        await run.Acknowledged(Deeds);
        await run.Replace(null);
        output.WriteLine(await run.Finish($"updated, back and updated again, {name}", 3));
    }
}
