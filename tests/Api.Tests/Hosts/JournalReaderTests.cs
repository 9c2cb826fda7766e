using System.Security.Cryptography;
using System.Text;
using Agora.Api.Hosts;
using Agora.Core.Kernel;
using Agora.Core.Users;
using Agora.Grains.Kernel;
using Agora.Journal;
using Agora.Journal.Memory;
using Agora.Journal.Personal;
using Agora.Testing;

namespace Agora.Api.Tests.Hosts;

public sealed class JournalReaderTests
{
    private static readonly Guid Claiming = new("01957a00-0000-7000-8000-000000000001");
    private static readonly string User = StreamId.User("u1").ToString();

    [Theory]
    [InlineData(4_000, 3, 1, 50)]
    [InlineData(4_000, 700, 6, 1_600)] // its campaign was away while the user went on
    [InlineData(0, 0, 1, 50)]
    public async Task An_output_is_found_from_its_completion_on_backwards_however_long_the_users_stream_has_become(int before, int between, int reads, int rows)
    {
        using var keys = new PersonalKeys(new MemoryJournal(TimeProvider.System), new byte[32], RandomNumberGenerator.Fill, TimeProvider.System);
        var journal = new CountedReads(new MemoryJournal(TimeProvider.System));
        var head = await Fill(journal, StreamHead.Empty, before);
        head = await Write(journal, head, await Claimed(keys));
        head = await Fill(journal, head, between);
        var completed = await Fill(journal, head, 1);
        await Fill(journal, completed, 4_000);

        var output = await new JournalReader(journal, keys).CompletionOutput(Tenant.Default, "u1", Claiming, completed.Seq, CancellationToken.None);

        Assert.Equal("\"fine\"", Encoding.UTF8.GetString(output!.Utf8.Span));
        Assert.InRange(journal.Reads, 1, reads);
        Assert.InRange(journal.Rows, 1, rows);
    }

    [Fact]
    public async Task An_output_before_large_rows_is_found()
    {
        using var keys = new PersonalKeys(new MemoryJournal(TimeProvider.System), new byte[32], RandomNumberGenerator.Fill, TimeProvider.System);
        var journal = new MemoryJournal(TimeProvider.System);
        var large = new JournalEntry(Guid.Empty, 1, default, [new("sample.said", 1, new byte[JournalPages.MaxBytes])]);
        var head = await Write(journal, await Write(journal, await Write(journal, StreamHead.Empty, large), large), await Claimed(keys));
        head = await Fill(journal, head, 3);

        Assert.NotNull(await new JournalReader(journal, keys).CompletionOutput(Tenant.Default, "u1", Claiming, head.Seq, CancellationToken.None));
    }

    [Fact]
    public async Task An_output_that_is_not_there_is_null()
    {
        using var keys = new PersonalKeys(new MemoryJournal(TimeProvider.System), new byte[32], RandomNumberGenerator.Fill, TimeProvider.System);
        var journal = new MemoryJournal(TimeProvider.System);
        var head = await Fill(journal, StreamHead.Empty, 120);
        Assert.Null(await new JournalReader(journal, keys).CompletionOutput(Tenant.Default, "u1", Claiming, head.Seq, CancellationToken.None));
    }

    private static async Task<JournalEntry> Claimed(PersonalKeys keys)
    {
        var claimed = new UserEvent.TaskClaimed(Claiming, Claiming, "c1", "s1", "a1", "agent", []) { Output = Personal.Of("fine") };
        var (encoded, key) = (UserEntity.Entity.Events.Encode(claimed), await keys.Get("user/default/u1"));
        return new(Claiming, 1, default, [new(encoded.Name, encoded.Version, encoded.Payload, key.Id, key.Seal(encoded.Personal!.Utf8.Span, SealContext.Event(User, Claiming, 0)))]);
    }

    private static async Task<StreamHead> Fill(IJournal journal, StreamHead head, int rows)
    {
        for (var i = 0; i < rows; i++)
        {
            head = await Write(journal, head, new(Guid.Empty, 1, default, []));
        }

        return head;
    }

    private static async Task<StreamHead> Write(IJournal journal, StreamHead head, JournalEntry entry)
    {
        var row = RowCodec.Next(User, head, [entry]);
        Assert.Equal([AppendOutcome.Written], await journal.Append([new(User, head, row, 1, [], [], null)], false, CancellationToken.None));
        return new(row.Seq, row.Hash);
    }

    private sealed class CountedReads(IJournal journal) : DelegatingJournal(journal)
    {
        public int Reads { get; private set; }

        public int Rows { get; private set; }

        public override async Task<IReadOnlyList<JournalRow>> Read(string stream, long afterSeq, int limit, CancellationToken cancel)
        {
            var rows = await base.Read(stream, afterSeq, limit, cancel);
            Reads++;
            Rows += rows.Count;
            return rows;
        }
    }
}
