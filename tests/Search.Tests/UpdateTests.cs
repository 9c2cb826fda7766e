using System.Collections;
using static Agora.Search.Tests.SearchFixture;

namespace Agora.Search.Tests;

public sealed class UpdateTests
{
    [Fact]
    public void A_removed_document_is_found_no_more_until_it_comes_back()
    {
        var index = Index(Service("a", "text"), Service("b", "text"));

        Assert.True(index.Remove("a"));
        Assert.False(index.Remove("a"));
        Assert.Equal(["b"], index.Find("text"));
        Assert.Equal(1, index.Count);

        index.Upsert(Service("a", "text"));
        Assert.Equal(["a", "b"], index.Find("text"));
    }

    [Fact]
    public void A_changed_document_is_found_by_its_new_text_category_and_price_only()
    {
        var index = Index(Service("a", "old words", "before", "past", 100));

        index.Upsert(Service("a", "new words", "after", "future", 200));

        Assert.Empty(index.Find("old before past"));
        Assert.Equal(["a"], index.Find("new"));
        Assert.Equal(["a"], index.Find("words"));
        Assert.Empty(index.Find(new SearchQuery { Category = "past" }));
        Assert.Empty(index.Find(new SearchQuery { MaxPriceMicros = 100 }));
        Assert.Equal(["a"], index.Find(new SearchQuery { Category = "future", MaxPriceMicros = 200 }));
    }

    [Fact]
    public void A_load_replaces_everything_and_the_last_of_one_id_counts()
    {
        var index = Index(Service("gone", "text"));

        index.Load([Service("a", "first text"), Service("b", "text"), Service("a", "second text")]);

        Assert.Equal(["a", "b"], index.Find("text").Order());
        Assert.Empty(index.Find("first"));
    }

    [Fact]
    public void A_load_that_fails_changes_nothing()
    {
        var index = Index(Service("kept", "text"));

        Assert.Throws<ArgumentNullException>(() => index.Load([Service("a", "text"), Service("b", null!)]));

        Assert.Equal(["kept"], index.Find("text"));
    }

    [Fact]
    public void Relevance_does_not_depend_on_how_the_documents_came_to_be()
    {
        SearchDocument[] final = [Service("a", "legal text"), Service("b", "text", "long and legal"), Service("c", "weather")];
        var changed = Index([Service("x", "legal legal"), Service("a", "other"), .. final, Service("b", "text text text"), final[1]]);
        changed.Remove("x");
        var loaded = new SearchIndex();
        loaded.Load(final.Reverse());

        var query = new SearchQuery { Text = "legal text" };
        Assert.Equal(loaded.Search(query).Hits, changed.Search(query).Hits);
    }

    [Fact]
    public void A_search_sees_the_documents_as_they_were_when_it_began()
    {
        var index = Index(Service("gone", "legal text"), Service("changed", "legal"), Service("same", "weather text"));
        var query = new SearchQuery { Text = "legal text", AllowedCategories = ["misc"] };
        var before = index.Search(query);
        var changing = new Thread(Change);

        var meanwhile = index.Search(query with { AllowedCategories = new Meanwhile(Begin, "misc") });

        Assert.Equal(before.Hits, meanwhile.Hits);
        Assert.Equal(3, meanwhile.TotalCount);
        changing.Join();
        Assert.Equal(["added", "same"], index.Find(query).Order());

        // Until it has come to its end, or to where it waits for the search.
        void Begin()
        {
            changing.Start();
            SpinWait.SpinUntil(() => changing.ThreadState is ThreadState.WaitSleepJoin or ThreadState.Stopped);
        }

        void Change()
        {
            index.Remove("gone");
            index.Upsert(Service("changed", "cooking"));
            index.Upsert(Service("added", "a much longer name with legal", "text"));
        }
    }

    [Fact]
    public async Task Searches_beside_a_writer_always_see_every_document_exactly_once()
    {
        const int documents = 200;
        var index = new SearchIndex();
        index.Load(Enumerable.Range(0, documents).Select(i => Document(i, 0)));
        using var start = new Barrier(3);
        int reading = 2;

        // Every state of every document has "even" or "odd" and its own number, so no search may miss or double one.
        await Task.WhenAll(OnItsOwnThread(Write), OnItsOwnThread(Read), OnItsOwnThread(Read));

        void Write()
        {
            for (int i = 0; i < 5_000 || Volatile.Read(ref reading) > 0; i++) index.Upsert(Document(i % documents, i / documents));
        }

        void Read()
        {
            try
            {
                for (int i = 0; i < 1_000; i++)
                {
                    var all = index.Search(new SearchQuery { Text = "even odd", Limit = SearchQuery.MaxLimit });
                    Assert.Equal(documents, all.TotalCount);
                    Assert.Equal(documents, all.Hits.Select(hit => hit.Id).Distinct().Count());
                    Assert.Equal(["id7"], index.Find("n7"));
                }
            }
            finally
            {
                Interlocked.Decrement(ref reading);
            }
        }

        Task OnItsOwnThread(Action action) => Task.Factory.StartNew(
            () =>
            {
                start.SignalAndWait();
                action();
            },
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default);

        static SearchDocument Document(int i, int round) =>
            Service($"id{i}", round % 2 == 0 ? "even" : "odd", $"n{i} r{round}", "web", round);
    }

    /// <summary>Does something in the middle of a search: when that resolves its scope, it has begun.</summary>
    private sealed class Meanwhile(Action act, params string[] names) : IReadOnlyCollection<string>
    {
        public int Count => names.Length;

        public IEnumerator<string> GetEnumerator()
        {
            act();
            return names.AsEnumerable().GetEnumerator();
        }

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
    }
}
