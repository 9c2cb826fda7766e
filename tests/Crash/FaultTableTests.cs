using Agora.Crash.Support;
using Agora.Testing;
using Agora.Testing.Postgres;
using Xunit.Abstractions;

namespace Agora.Crash;

/// <summary>Whatever else can fail under every kind of money: the database, what it stands by, its disk, the way to it, the file's last write. What is proved is as after a kill.</summary>
public sealed class FaultTableTests(ITestOutputHelper output)
{
    private static readonly int Deeds = Length.Of(60, shorter: 20);

    /// <summary>Longer than the product waits for an answer of its database.</summary>
    private static readonly TimeSpan TooLong = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task SIGTERM_in_the_midst_of_money_leaves_each_deed_once()
    {
        await using var run = await MoneyRun.Start([]);
        await run.Acknowledged(Deeds);
        await run.Terminate();
        await run.Acknowledged(Deeds);
        output.WriteLine(await run.Finish("SIGTERM, SQLite", 1));
    }

    /// <summary>In <c>./test</c> the journal's own <c>Stopped_and_started_under_load_everything_acknowledged_is_there_once</c> stops the database.</summary>
    [LongPostgresFact]
    public async Task A_database_that_is_killed_and_comes_back_leaves_each_deed_once()
    {
        using var database = PostgresServer.Start();
        await using var run = await MoneyRun.Start(["--postgres", database.CreateDatabase("killed")]);
        await run.Acknowledged(Deeds);
        database.Kill();
        database.Resume();
        await run.Acknowledged(Deeds);
        await run.Asked();
        output.WriteLine(await run.Finish("PostgreSQL killed and restarted", 1));
    }

    [LongFormFact]
    public async Task SIGTERM_while_the_database_is_away_ends_the_server_in_time_and_leaves_each_deed_once()
    {
        using var database = PostgresServer.Start();
        await using var run = await MoneyRun.Start(["--postgres", database.CreateDatabase("away")]);
        await run.Acknowledged(Deeds);
        database.Kill();
        run.Server.Terminate();
        await run.Server.Ended();
        database.Resume();
        await run.Renewed("The store was away");
        await run.Acknowledged(Deeds);
        await run.Asked();
        output.WriteLine(await run.Finish("SIGTERM while PostgreSQL is away", 1));
    }

    [LongPostgresFact]
    public async Task A_synchronous_standby_that_takes_over_has_each_deed_once()
    {
        using var primary = PostgresServer.Start();
        using var standby = primary.Standby("standby");
        PostgresServer.Execute(primary.ConnectionString("postgres"), "ALTER SYSTEM SET synchronous_standby_names = 'standby'");
        PostgresServer.Execute(primary.ConnectionString("postgres"), "SELECT pg_reload_conf()");
        primary.CreateDatabase("failover");
        await using var address = new TcpProxy(primary.Port);
        await using var run = await MoneyRun.Start(["--postgres", At(address.Port, "failover")]);
        await run.Acknowledged(Deeds);
        primary.Kill();
        address.Cut();
        standby.Promote();
        address.Heal(standby.Port);
        await run.Acknowledged(Deeds);
        await run.Asked();
        output.WriteLine(await run.Finish("synchronous standby takes over", 1));
    }

    /// <summary>
    /// What the standby had not got is gone, as docs/correctness.md says; what is there is whole. The server lives through it, finds that it was told of rows that are no more, and ends itself before it finishes what it had
    /// begun upon them.
    /// </summary>
    [LongPostgresFact]
    public async Task An_asynchronous_standby_that_takes_over_has_lost_what_it_had_not_got_and_has_whole_books()
    {
        using var primary = PostgresServer.Start();
        await using var stream = new TcpProxy(primary.Port);
        using var standby = primary.Standby("standby", stream.Port);
        primary.CreateDatabase("failover");
        await using var address = new TcpProxy(primary.Port);
        await using var run = await MoneyRun.Start(["--postgres", At(address.Port, "failover")]);
        await run.Acknowledged(Deeds);
        stream.Stall(); // what follows does not reach it
        await run.Acknowledged(Deeds);
        address.Cut();
        primary.Kill();
        stream.Cut();
        standby.Promote();
        address.Heal(standby.Port);
        await run.Renewed("in a fail-over");
        await run.Acknowledged(Deeds);
        await run.Settle(expected: false); // a session may be gone too, and a payment that was to be given back
        var (acknowledged, gone) = await run.Gone();
        output.WriteLine($"asynchronous standby takes over: of {acknowledged} acknowledged runs {gone} are gone");
        Assert.InRange(gone, 1, acknowledged - 1);
        await run.Server.Stop();
        await run.Verify();
    }

    [LongPostgresFact]
    public async Task A_way_to_the_database_that_is_cut_and_then_stalls_leaves_each_deed_once()
    {
        await using var way = new TcpProxy(PostgresServer.Shared.Port);
        PostgresServer.Shared.CreateDatabase("cut");
        await using var run = await MoneyRun.Start(["--postgres", At(way.Port, "cut")]);
        for (var time = 0; time < 3; time++)
        {
            await run.Acknowledged(Deeds / 3);
            way.Cut();
            way.Heal();
        }

        await run.Acknowledged(Deeds / 3);
        way.Stall();
        await Passed(TimeSpan.FromSeconds(2));
        way.Heal();
        await run.Acknowledged(Deeds);
        await run.Asked();
        output.WriteLine(await run.Finish("connection cut three times, then stalled", 4));
    }

    [LongFormFact]
    public async Task A_way_to_the_database_that_stalls_for_too_long_and_then_loses_all_answers_leaves_each_deed_once()
    {
        await using var way = new TcpProxy(PostgresServer.Shared.Port);
        PostgresServer.Shared.CreateDatabase("half_open");
        await using var run = await MoneyRun.Start(["--postgres", At(way.Port, "half_open")]);
        await run.Acknowledged(Deeds);
        way.Stall();
        await Passed(TooLong);
        way.Heal();
        await run.Acknowledged(Deeds);
        way.HalfOpen();
        await Passed(TimeSpan.FromSeconds(1));
        way.Heal();
        await run.Acknowledged(Deeds);
        await run.Asked();
        output.WriteLine(await run.Finish("connection stalled for 20 s, then half open", 2));
    }

    /// <summary>In <c>./test</c> the disk is full in <c>StorageTests.A_full_disk_answers_503_with_Retry_After_loses_nothing_and_recovers_by_itself</c>.</summary>
    [LongRootFact]
    public async Task A_disk_that_is_full_under_money_leaves_each_deed_once_on_SQLite()
    {
        using var disk = new SmallDisk("48m");
        await using var run = await MoneyRun.Start([], disk.Path);
        await run.Acknowledged(Deeds);
        disk.Fill();
        await Passed(TimeSpan.FromSeconds(1));
        disk.Free();
        await run.Acknowledged(Deeds);
        await run.Asked();
        output.WriteLine(await run.Finish("disk full, SQLite", 1));
    }

    /// <summary>PostgreSQL ends itself when its log has no room; its operator starts it again.</summary>
    [RootPostgresFact]
    public async Task A_disk_that_is_full_under_money_leaves_each_deed_once_on_PostgreSQL()
    {
        using var disk = new SmallDisk("400m");
        using var database = PostgresServer.Start(settings: "-c max_wal_size=64MB -c min_wal_size=32MB", below: disk.Path);
        await using var run = await MoneyRun.Start(["--postgres", database.CreateDatabase("small")]);
        await run.Acknowledged(Deeds);
        disk.Fill();
        await Passed(TimeSpan.FromSeconds(3));
        disk.Free();
        database.Restart();
        await run.Acknowledged(Deeds);
        await run.Asked();
        output.WriteLine(await run.Finish("disk full, PostgreSQL", 1));
    }

    /// <summary>What a crash leaves of a write that it interrupts stands behind the last commit; and a commit that is torn itself is not there, with all behind it, and all before it is.</summary>
    [LongFact]
    public async Task A_torn_last_write_of_the_SQLite_file_loses_nothing_that_was_synced_and_a_torn_commit_is_not_there_at_all()
    {
        await using var run = await MoneyRun.Start([]);
        await run.Acknowledged(Deeds);
        await run.Kill(() => Log.AppendTorn(run.Directory.Database + "-wal"));
        await run.Acknowledged(Deeds);
        await run.Kill(() =>
        {
            foreach (var cut in Enumerable.Range(1, 3))
            {
                using var copy = new DataDirectory();
                Tool.Run("cp", "-a", run.Directory.Path + "/.", copy.Path);
                Log.Tear(copy.Database + "-wal", cut);
                ServerProcess.Verify(copy.Path).GetAwaiter().GetResult();
            }
        });
        output.WriteLine(await run.Finish("torn last write, SQLite", 2));
    }

    /// <summary>
    /// Forward by less than an x402 payment stays valid, which its payer's clock dates. Back by a few seconds is not noticed; back by more, streams that were written lately are 503 until the clock is where it was, and
    /// then all goes on by itself.
    /// </summary>
    [MovedClockFact]
    public async Task A_clock_that_is_set_forward_and_back_under_money_leaves_each_deed_once()
    {
        using var clock = new MovedClock();
        await using var run = await MoneyRun.Start([], clock: clock);
        await run.Acknowledged(Deeds);
        foreach (var ahead in (int[])[240, 237, 222])
        {
            clock.Ahead(TimeSpan.FromSeconds(ahead));
            await run.Acknowledged(Deeds / 2);
            await run.Asked();
        }

        await run.Kill();
        await run.Acknowledged(Deeds / 2);
        output.WriteLine(await run.Finish("clock set forward by 240 s, back by 3 and 15, killed", 4));
    }

    private static string At(int port, string database) => $"Host=127.0.0.1;Port={Market.Of(port)};Username=postgres;Database={database}";

    /// <summary>A fault lasts: its time is what is tried.</summary>
    private static Task Passed(TimeSpan time) => Task.Delay(time);

    /// <summary>SQLite's write-ahead log: a header of 32 bytes, then frames of 24 bytes and a page.</summary>
    private static class Log
    {
        private const int Header = 32, FrameHeader = 24, PageSizeAt = 8;

        /// <summary>Half of a frame more, with bytes of an earlier one.</summary>
        public static void AppendTorn(string path)
        {
            var log = File.ReadAllBytes(path);
            var frame = Frame(log);
            Assert.True(log.Length > Header + frame, "There is no log.");
            File.WriteAllBytes(path, [.. log, .. log.AsSpan(log.Length - frame, frame / 2)]);
        }

        /// <summary>Cut within the last frame that was written, or bytes of it changed.</summary>
        public static void Tear(string path, int how)
        {
            var log = File.ReadAllBytes(path);
            var frame = Frame(log);
            if (how == 1)
            {
                File.WriteAllBytes(path, log[..^(frame / 2)]);
                return;
            }

            var at = how == 2 ? log.Length - 1 : log.Length - (frame * 2);
            log[at] ^= 0x5A;
            File.WriteAllBytes(path, log);
        }

        private static int Frame(byte[] log) => FrameHeader + System.Buffers.Binary.BinaryPrimitives.ReadInt32BigEndian(log.AsSpan(PageSizeAt));
    }
}
