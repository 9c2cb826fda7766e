using System.Globalization;
using Agora.Crash.Support;
using Agora.Testing;
using Agora.Testing.Postgres;
using Xunit.Abstractions;

namespace Agora.Crash;

/// <summary>
/// kill -9 under every kind of money, and the table of what came of it. After each kill, on the dead journal: verify-journal and check; on the server that came back: each deed that was acknowledged since the kill
/// before, sent again under its key. At the end: every account against the acknowledgements.
/// <para>AGORA_CRASH_KILLS kills (1; the long form of docs/correctness.md has 50), AGORA_CRASH_DEEDS acknowledgements between them (100; 40 in <c>./test</c>).</para>
/// </summary>
public sealed class KillTableTests(ITestOutputHelper output)
{
    private static readonly int Kills = Setting("AGORA_CRASH_KILLS", 1);
    private static readonly int Deeds = Setting("AGORA_CRASH_DEEDS", Length.Of(100, shorter: 40));

    [Fact]
    public Task Every_kind_of_money_is_there_once_after_each_kill_9_on_SQLite() => Prove("SQLite", []);

    [LongPostgresFact]
    public Task Every_kind_of_money_is_there_once_after_each_kill_9_on_PostgreSQL() => Prove("PostgreSQL", ["--postgres", PostgresServer.Shared.CreateDatabase("kill_table")]);

    private async Task Prove(string name, string[] store)
    {
        await using var run = await MoneyRun.Start(store);
        for (var kill = 0; kill < Kills; kill++)
        {
            await run.Acknowledged(Deeds);
            await run.Kill();
        }

        output.WriteLine("| store | kills | acknowledged | lost | twice | ready: median, slowest |");
        output.WriteLine(await run.Finish(name, Kills));
    }

    private static int Setting(string name, int otherwise) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } text ? int.Parse(text, CultureInfo.InvariantCulture) : otherwise;
}
