using static Agora.Journal.Tests.Samples;

namespace Agora.Journal.Tests;

/// <summary>Alarms, snapshots, client keys and personal keys.</summary>
public abstract partial class JournalConformance
{
    [ConformanceFact]
    public async Task Case_13_a_streams_append_sets_moves_keeps_and_clears_its_one_alarm()
    {
        var head = await Written(Append("s/1", StreamHead.Empty, Entry("a")) with { Alarm = new AlarmChange(50) });
        Assert.Equal([new Alarm(50, "s/1")], await Journal.Alarms(50, null, 10, None));
        Assert.Empty(await Journal.Alarms(49, null, 10, None));
        head = await Written(Append("s/1", head, Entry("b")) with { Alarm = new AlarmChange(60) });
        head = await Written(Append("s/1", head, Entry("c")));
        Assert.Equal([new Alarm(60, "s/1")], await Journal.Alarms(long.MaxValue, null, 10, None));
        await Written(Append("s/1", head, Entry("d")) with { Alarm = new AlarmChange(null) });
        Assert.Empty(await Journal.Alarms(long.MaxValue, null, 10, None));
    }

    [ConformanceFact]
    public async Task Alarms_come_by_time_then_stream_page_by_page()
    {
        foreach (var (stream, at) in new[] { ("s/3", 20L), ("s/1", 20), ("s/2", 10), ("s/4", 30) })
            await Written(Append(stream, StreamHead.Empty, Entry("a")) with { Alarm = new AlarmChange(at) });
        var first = await Journal.Alarms(25, null, 2, None);
        Assert.Equal([new Alarm(10, "s/2"), new Alarm(20, "s/1")], first);
        Assert.Equal([new Alarm(20, "s/3")], await Journal.Alarms(25, first[^1], 2, None));
    }

    [ConformanceFact]
    public async Task Case_16_alarms_under_a_prefix_are_those_alone_by_time_then_stream_page_by_page()
    {
        foreach (var (stream, at) in new[] { ("a_t1/3", 20L), ("a_t1/1", 20), ("a_t1/2", 10), ("a_t1/4", 30), ("a_t/1", 5), ("a_t10/1", 5), ("a_t1", 5), ("b/1", 5), ("A_t1/5", 5) })
            await Written(Append(stream, StreamHead.Empty, Entry("a")) with { Alarm = new AlarmChange(at) });
        var first = await Journal.AlarmsUnder("a_t1/", 25, null, 2, None);
        Assert.Equal([new Alarm(10, "a_t1/2"), new Alarm(20, "a_t1/1")], first);
        Assert.Equal([new Alarm(20, "a_t1/3")], await Journal.AlarmsUnder("a_t1/", 25, first[^1], 2, None));
        Assert.Empty(await Journal.AlarmsUnder("a_t2/", long.MaxValue, null, 2, None));
    }

    [ConformanceFact]
    public async Task Case_13_a_snapshot_is_replaced_whole_and_read_as_written()
    {
        Assert.Null(await Journal.LoadSnapshot("s/1", None));
        await Journal.SaveSnapshot("s/1", new Snapshot(3, new byte[] { 1 }, 2, "user-1", new byte[] { 9, 9 }), None);
        await Journal.SaveSnapshot("s/1", new Snapshot(4, new byte[] { 2 }, 3, null, new byte[] { 8 }), None);
        var snapshot = (await Journal.LoadSnapshot("s/1", None))!;
        Assert.Equal((4, 3, null), (snapshot.Seq, snapshot.Version, snapshot.KeyId));
        Assert.Equal([2], snapshot.Hash.ToArray());
        Assert.Equal([8], snapshot.State.ToArray());
    }

    [ConformanceFact]
    public async Task A_client_key_is_found_as_written_and_pruned_when_it_expires_a_bounded_number_at_a_time()
    {
        ClientKey[] keys = [Key("k1", expiresMicros: 10), Key("k2", expiresMicros: 10), Key("k3", expiresMicros: 10), Key("k4", expiresMicros: 11)];
        await Written(Append("s/1", StreamHead.Empty, Entry("a")) with { Keys = keys });
        var found = (await Journal.FindKey("default", "agent-1", "k4", None))!;
        Assert.Equal((keys[3].Stream, keys[3].CommandId, keys[3].ExpiresMicros), (found.Stream, found.CommandId, found.ExpiresMicros));
        Assert.Equal(keys[3].BodyHash.ToArray(), found.BodyHash.ToArray());
        Assert.Null(await Journal.FindKey("default", "agent-2", "k4", None));
        Assert.Null(await Journal.FindKey("other", "agent-1", "k4", None));

        Assert.Equal(2, await Journal.PruneKeys(10, 2, None));
        Assert.Equal(1, await Journal.PruneKeys(10, 2, None));
        Assert.Equal(0, await Journal.PruneKeys(10, 2, None));
        Assert.Null(await Journal.FindKey("default", "agent-1", "k1", None));
        Assert.NotNull(await Journal.FindKey("default", "agent-1", "k4", None));
    }

    [ConformanceFact]
    public async Task Client_keys_of_one_name_are_found_whoever_sent_them_in_their_tenant_alone()
    {
        ClientKey[] keys = [Key("k1"), Key("k1") with { Credential = "agent-0" }, Key("k2"), Key("k1") with { Tenant = "other", Credential = "agent-9" }];
        await Written(Append("s/1", StreamHead.Empty, Entry("a")) with { Keys = keys });

        var found = await Journal.KeysNamed("default", "k1", 10, None);
        Assert.Equal([("agent-0", "k1", "s/1", 1L), ("agent-1", "k1", "s/1", 1L)], found.Select(key => (key.Credential, key.Key, key.Stream, key.Seq)));
        Assert.Equal(keys[0].CommandId, found[1].CommandId);
        Assert.Equal(["agent-0"], (await Journal.KeysNamed("default", "k1", 1, None)).Select(key => key.Credential));
        Assert.Empty(await Journal.KeysNamed("default", "k", 10, None));
    }

    [ConformanceFact]
    public async Task Case_14_a_row_that_decides_a_command_moves_its_key_to_itself_and_no_other_key_and_none_of_another_stream()
    {
        ClientKey Of(string key, int command, string stream = "s/1") => Key(key, stream) with { CommandId = Id(command) };
        var head = await Written(Append("s/1", StreamHead.Empty, Entry("opens")) with { Keys = [Of("k1", 1), Of("k2", 2)] });
        var other = await Written(Append("s/2", StreamHead.Empty, Entry("opens")) with { Keys = [Of("k3", 3, "s/2")] });
        head = await Written(Append("s/1", head, Entry("between")));
        head = await Written(Append("s/1", head, Entry("decides")) with { Decides = [Id(1), Id(3), Id(9)] });
        Assert.Equal((3, 1, 1), (await SeqOf("k1"), await SeqOf("k2"), await SeqOf("k3")));

        // One that is not written moves nothing; one that is sent again after it was moves it once.
        Assert.Equal([AppendOutcome.Moved], await Journal.Append([Append("s/1", StreamHead.Empty, Entry("stale")) with { Decides = [Id(2)] }], false, None));
        StreamAppend[] batch = [Append("s/1", head, Entry("decides")) with { Decides = [Id(2)] }, Append("s/2", other, Entry("decides")) with { Decides = [Id(3)] }];
        Assert.Equal([AppendOutcome.Written, AppendOutcome.Written], await Journal.Append(batch, false, None));
        Assert.Equal([AppendOutcome.Written, AppendOutcome.Written], await Journal.Append(batch, true, None));
        Assert.Equal((3, 4, 2), (await SeqOf("k1"), await SeqOf("k2"), await SeqOf("k3")));

        async Task<long> SeqOf(string key) => (await Journal.FindKey("default", "agent-1", key, None))!.Seq;
    }

    [ConformanceFact]
    public async Task The_first_personal_key_stays_until_it_is_destroyed_and_none_can_be_put_after_that()
    {
        Assert.Null(await Journal.LoadKey("user-1", None));
        Assert.Equal([1, 2], (await Journal.PutKey("user-1", new byte[] { 1, 2 }, None)).ToArray());
        Assert.Equal([1, 2], (await Journal.PutKey("user-1", new byte[] { 3, 4 }, None)).ToArray());
        Assert.Equal([1, 2], (await Journal.LoadKey("user-1", None))!.Value.ToArray());
        await Journal.DestroyKey("user-1", None);
        await Journal.DestroyKey("user-2", None);
        foreach (var id in new[] { "user-1", "user-2" })
        {
            Assert.Equal(0, (await Journal.LoadKey(id, None))!.Value.Length);
            Assert.Equal(0, (await Journal.PutKey(id, new byte[] { 5 }, None)).Length);
        }
    }
}
