using Agora.Core.Kernel;
using Agora.Core.Memories;
using Agora.Core.Users;
using Book = Agora.Core.Tests.Kernel.Scenario<Agora.Core.Memories.MemoryState, Agora.Core.Memories.MemoryCommand, Agora.Core.Memories.MemoryEvent>;

namespace Agora.Core.Tests.Memories;

public sealed class MemoryTests
{
    private static readonly Guid First = Guid.Parse("01957a00-0000-7000-8000-000000000001");
    private static readonly Guid Second = Guid.Parse("01957a00-0000-7000-8000-000000000002");
    private static readonly Personal Tea = Personal.Of(new MemoryContent("Drinks tea.", [1, 255]));
    private static readonly MemorySource Chat = new("chat-1", 3);

    [Fact]
    public void A_memory_is_kept_once_under_its_id()
    {
        NewBook().When(Keep(First)).Then(new MemoryEvent.Kept(First, false, Tea.Utf8.Length, "vectors", Chat) { Content = Tea }).ThenAnswered(new MemoryWritten(First))
            .When(Keep(First)).Then().ThenAnswered(new MemoryWritten(First));
    }

    [Fact]
    public void It_is_edited_pinned_and_forgotten_by_its_id()
    {
        NewBook().When(Keep(First))
            .When(Edit(First)).Then(new MemoryEvent.Edited(First, true, Tea.Utf8.Length, null) { Content = Tea })
            .When(new MemoryCommand.Pin(First, true)).Then().ThenAnswered(new MemoryWritten(First))
            .When(new MemoryCommand.Pin(First, false)).Then(new MemoryEvent.Moved(First, false))
            .When(new MemoryCommand.Forget(First)).Then(new MemoryEvent.Forgotten(First)).ThenAnswered(new MemoryWritten(First));
    }

    [Fact]
    public void One_that_is_not_there_or_was_forgotten_is_NotFound()
    {
        var book = NewBook().When(Keep(First)).When(new MemoryCommand.Forget(First));
        foreach (var id in new[] { First, Second })
        {
            book.When(Edit(id)).ThenRejected(MemoryRejection.NotFound)
                .When(new MemoryCommand.Pin(id, true)).ThenRejected(MemoryRejection.NotFound)
                .When(new MemoryCommand.Forget(id)).ThenRejected(MemoryRejection.NotFound);
        }
    }

    [Fact]
    public void A_forgotten_one_makes_no_room_and_a_full_book_is_BookIsFull()
    {
        var all = Enumerable.Range(0, Limits.MemoriesOfBook).Select(n => new Guid(n, 0, 0, new byte[8])).ToList();
        var book = NewBook().Given([.. all.Select(id => new MemoryEvent.Kept(id, false, 1, null, null))]);

        book.When(Keep(First)).ThenRejected(MemoryRejection.BookIsFull)
            .When(new MemoryCommand.Forget(all[0]))
            .When(Keep(First)).ThenRejected(MemoryRejection.BookIsFull)
            .When(Edit(all[1])).ThenEvents(typeof(MemoryEvent.Edited));
    }

    [Fact]
    public void Half_of_the_bytes_is_kept_for_edits_and_beyond_all_of_them_is_TooManyEdits()
    {
        var half = (int)(Limits.MemoryBookBytes / 2) - Tea.Utf8.Length;
        NewBook().Given(new MemoryEvent.Kept(First, false, half, null, null)).When(Keep(Second)).ThenEvents(typeof(MemoryEvent.Kept));
        NewBook().Given(new MemoryEvent.Kept(First, false, half + 1, null, null)).When(Keep(Second)).ThenRejected(MemoryRejection.BookIsFull)
            .Given(new MemoryEvent.Edited(First, false, half + Tea.Utf8.Length, null))
            .When(Edit(First)).ThenRejected(MemoryRejection.TooManyEdits)
            .When(new MemoryCommand.Pin(First, true)).ThenEvents(typeof(MemoryEvent.Moved))
            .When(new MemoryCommand.Forget(First)).ThenEvents(typeof(MemoryEvent.Forgotten));
    }

    [Fact]
    public void What_is_written_counts_its_bytes_and_an_edit_fills_a_book_to_the_last_of_them()
    {
        // Three bytes a character.
        var tea = Personal.Of(new MemoryContent(new string('茶', 100), null));
        var (left, edit) = ((int)Limits.MemoryBookBytes - 311, new MemoryCommand.Edit(First, false, tea, null));

        NewBook().When(Keep(First) with { Content = tea }).ThenState(book => Assert.Equal(311, book.Bytes))
            .When(edit).ThenState(book => Assert.Equal(2 * 311, book.Bytes));
        NewBook().Given(new MemoryEvent.Kept(First, false, left, null, null)).When(edit).ThenState(book => Assert.Equal(Limits.MemoryBookBytes, book.Bytes));
        NewBook().Given(new MemoryEvent.Kept(First, false, left + 1, null, null)).When(edit).ThenRejected(MemoryRejection.TooManyEdits);
    }

    [Fact]
    public void A_book_is_of_one_user_and_of_the_agents_on_one_path()
    {
        string[] ids = [MemoryIds.Of(0, "a", "ann:1"), MemoryIds.Of(1, "a", "ann:1"), MemoryIds.Of(0, "a>b", "ann:1"), MemoryIds.Of(0, "a", "ann:2")];

        Assert.Equal(ids.Length, ids.Distinct().Count());
        Assert.Equal(["ann:1", "ann:1", "ann:1", "ann:2"], ids.Select(MemoryIds.UserOf));
        Assert.Equal("ann:1", MemoryIds.UserOf(MemoryIds.OfPreferences("a", "ann:1")));
        Assert.DoesNotContain(MemoryIds.OfPreferences("a", "ann:1"), ids);
        Assert.Equal(UserState.PersonalKeyOf("default", "ann:1"), MemoryState.Empty(Tenant.Default.Memory(ids[0])).PersonalKey);
    }

    [Fact]
    public void Preferences_are_put_and_erased_as_a_whole_each_time_as_the_next_version()
    {
        NewBook().When(new MemoryCommand.Unprefer()).ThenRejected(MemoryRejection.NoPreferences)
            .When(new MemoryCommand.Prefer(Tea)).Then(new MemoryEvent.Preferred(1, Limits.PreferencesBytesLeast) { Content = Tea }).ThenAnswered(new PreferencesWritten(1))
            .When(new MemoryCommand.Prefer(Tea)).Then(new MemoryEvent.Preferred(2, Limits.PreferencesBytesLeast) { Content = Tea })
            .When(new MemoryCommand.Unprefer()).Then(new MemoryEvent.Unpreferred(3)).ThenAnswered(new PreferencesWritten(3))
            .When(new MemoryCommand.Unprefer()).ThenRejected(MemoryRejection.NoPreferences)
            .When(new MemoryCommand.Prefer(Tea)).Then(new MemoryEvent.Preferred(4, Limits.PreferencesBytesLeast) { Content = Tea });
    }

    [Fact]
    public void Changed_as_often_as_they_may_be_they_are_TooManyPreferences_and_can_be_erased()
    {
        NewBook().Given(new MemoryEvent.Preferred(1, (int)Limits.PreferencesBytes - Limits.PreferencesBytesLeast))
            .When(new MemoryCommand.Prefer(Tea)).ThenEvents(typeof(MemoryEvent.Preferred))
            .When(new MemoryCommand.Prefer(Tea)).ThenRejected(MemoryRejection.TooManyPreferences)
            .When(new MemoryCommand.Unprefer()).ThenEvents(typeof(MemoryEvent.Unpreferred));
    }

    [Fact]
    public void Preferences_count_their_bytes_or_the_least_and_have_their_place_to_the_last_of_them()
    {
        var (all, longer) = ((int)Limits.PreferencesBytes, Personal.Of(new ReplyPreferences(About: new string('茶', 300))));
        foreach (var (content, bytes) in ((Personal, int)[])[(Tea, Limits.PreferencesBytesLeast), (longer, 912)])
        {
            NewBook().Given(new MemoryEvent.Preferred(1, all - bytes)).When(new MemoryCommand.Prefer(content)).Then(new MemoryEvent.Preferred(2, bytes) { Content = content }).ThenState(book => Assert.Equal(all, book.Bytes));
            NewBook().Given(new MemoryEvent.Preferred(1, all - bytes + 1)).When(new MemoryCommand.Prefer(content)).ThenRejected(MemoryRejection.TooManyPreferences);
        }
    }

    private static Book NewBook() => Book.Of(Tenant.Default.Memory(MemoryIds.Of(0, "agent-1", "ann"))).Natural(static c => c is MemoryCommand.Keep or MemoryCommand.Pin).Anew(static (c, _) => c is MemoryCommand.Keep or MemoryCommand.Pin);

    private static MemoryCommand.Keep Keep(Guid id) => new(id, false, Tea, "vectors", Chat);

    private static MemoryCommand.Edit Edit(Guid id) => new(id, true, Tea, null);
}
