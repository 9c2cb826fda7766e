using Agora.Api.Tests.Support;
using Agora.Core.Access;
using Agora.Core.Kernel;
using Agora.Grains.Kernel;
using Agora.Journal;
using Agora.Testing;
using Agora.Web;

namespace Agora.Api.Tests.Lists;

/// <summary>What is not read stays in memory, so there is a bound to it.</summary>
[CollectionDefinition(nameof(UnreadReplies), DisableParallelization = true)]
[Collection(nameof(UnreadReplies))]
public sealed class WholeListTests
{
    private const int OfOne = Limits.WholeListsAtOnce * 2 / 3;

    [Fact]
    public async Task So_many_lists_are_sent_whole_to_one_operator_at_once_and_the_next_when_one_of_them_is_read_and_others_have_theirs()
    {
        await using var store = await Store.Open("memory");
        await store.Journal.Write([.. Enumerable.Range(0, Limits.StreamedRows + 1).Select(number => Rows.Paid(number, number))], default);
        var held = new Held(store.Journal);
        await using var api = await RunningApi.Start(store: held);

        var sending = Enumerable.Range(0, OfOne).Select(_ => api.Client.Text("/admin/payments", RunningApi.AdminKey, "text/csv")).ToList();
        await held.All.Task.WaitAsync(Hang.Timeout);
        var refused = (await api.Client.Send(HttpMethod.Get, "/admin/payments", RunningApi.AdminKey, null, ("Accept", "text/csv"))).Refused(503, "unavailable");
        Assert.Equal("5", refused.Header("Retry-After"));
        (await api.Client.Admin(HttpMethod.Get, "/admin/payments")).Expect(200);
        Assert.Equal("", await api.Client.Text("/admin/refusals", RunningApi.KeyOf(Role.Viewer), "application/x-ndjson"));
        Assert.Equal("", await api.Client.Text("/admin/refusals", RunningApi.SecondAdminKey, "application/x-ndjson"));

        held.Gate.SetResult();
        foreach (var list in await Task.WhenAll(sending)) Assert.Equal(Limits.StreamedRows + 2, list.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.StartsWith("payment_id,", await api.Client.Text("/admin/payments", RunningApi.AdminKey, "text/csv"), StringComparison.Ordinal);
    }

    [Fact]
    public void Large_replies_that_are_not_read_are_bounded_together_and_small_ones_are_not()
    {
        const int Most = (int)Limits.UnreadBytes;

        Assert.Null(UnreadReplies.Begin(new PlaceOwner("a"), Most + 1));
        using var large = UnreadReplies.Begin(new PlaceOwner("a"), Limits.SmallReplyBytes + 1);
        Assert.NotNull(large);
        Assert.Null(UnreadReplies.Begin(new PlaceOwner("b"), Most));
        using var small = UnreadReplies.Begin(new PlaceOwner("b"), Limits.SmallReplyBytes);
        Assert.NotNull(small);
    }

    /// <summary>Before, one caller that did not read kept the large replies of all tenants from being begun.</summary>
    [Fact]
    public void However_much_one_caller_does_not_read_another_tenants_large_reply_is_begun()
    {
        const int Large = 1 << 20;
        var unread = new List<IDisposable>();
        while (UnreadReplies.Begin(new PlaceOwner("many", "user", $"session-{unread.Count}"), Large) is { } place) unread.Add(place);

        using var other = UnreadReplies.Begin(new PlaceOwner("other", "user", "session"), Large);
        foreach (var place in unread) place.Dispose();

        Assert.InRange(unread.Count, 1, (int)(Limits.UnreadBytes / Large / 3));
        Assert.NotNull(other);
    }

    /// <summary>What follows the first page of a list that is sent whole is held.</summary>
    private sealed class Held(IJournal inner) : DelegatingJournal(inner)
    {
        private int _held;

        public TaskCompletionSource All { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource Gate { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public override async Task<TablePage> Query(TableQuery query, CancellationToken cancel)
        {
            if (query is { Limit: Limits.StreamedRows, After: not null })
            {
                if (Interlocked.Increment(ref _held) == OfOne)
                {
                    All.SetResult();
                }

                await Gate.Task.WaitAsync(cancel);
            }

            return await base.Query(query, cancel);
        }
    }
}
