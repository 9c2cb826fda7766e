using System.Collections.Immutable;
using Agora.Core.Kernel;
using FsCheck;
using FsCheck.Fluent;

namespace Agora.Core.Tests.Kernel;

/// <summary>Exactly-once for holds, whatever order, repetition and delay their messages have.</summary>
public sealed class HoldBookTests
{
    private static readonly DateTimeOffset Start = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    /// <summary>One message: what it asks of which hold, and how long after the message before it arrives.</summary>
    public sealed record Message(int Kind, int Hold, int DelayMs);

    [Fact]
    public void Hold_is_reserved_at_most_once_and_ends_at_most_once_whatever_comes_when() => Prop.ForAll(Messages(), messages =>
    {
        var (book, now) = (HoldBook.Empty, Start);
        var (reserved, ended) = (new List<int>(), new List<int>());
        foreach (var message in messages)
        {
            now += TimeSpan.FromMilliseconds(message.DelayMs);
            var id = IdOf(message.Hold);
            var standing = book.Find(id, now);
            if (message.Kind == 0 && standing is HoldStanding.Unknown)
            {
                Assert.DoesNotContain(message.Hold, ended);
                reserved.Add(message.Hold);
                book = book.Add(new(id, "default/session/s1", Guid.Empty, [], now));
            }
            else if (message.Kind > 0 && standing is HoldStanding.Held || message.Kind == 2 && standing is HoldStanding.Unknown or HoldStanding.Late or HoldStanding.Ahead)
            {
                ended.Add(message.Hold);
                book = book.Decide(id, posted: message.Kind == 1, now);
            }
        }

        Assert.Equal(reserved.Distinct(), reserved);
        Assert.Equal(reserved.Except(ended).Order(), book.Open.Keys.Select(k => Enumerable.Range(0, Holds).First(n => IdOf(n) == k)).Order());
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(500));

    [Fact]
    public void Outcome_is_known_until_its_id_is_forgotten_and_never_unknown_again() => Prop.ForAll(Messages(), messages =>
    {
        var (book, now) = (HoldBook.Empty, Start);
        var outcomes = new Dictionary<Guid, HoldStanding>();
        foreach (var message in messages)
        {
            now += TimeSpan.FromMilliseconds(message.DelayMs);
            Assert.All(outcomes, o => Assert.True(book.Find(o.Key, now) is var found && (found == o.Value || found is HoldStanding.Forgotten), $"{o.Value} became {found}"));
            if (outcomes.TryAdd(IdOf(message.Hold), message.Kind == 1 ? HoldStanding.Posted : HoldStanding.Voided))
            {
                book = book.Decide(IdOf(message.Hold), posted: message.Kind == 1, now);
            }
        }
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(500));

    [Fact]
    public void Outcomes_are_bounded_by_time()
    {
        var (book, now) = (HoldBook.Empty, Start);
        for (var n = 0; n < 10_000; n++, now += TimeSpan.FromSeconds(1))
        {
            book = book.Decide(Ids.Derive(now, Guid.Empty, n), posted: true, now);
            Assert.InRange(book.Generations.Sum(g => g.Outcomes.Count), 1, 185);
        }
    }

    [Fact]
    public void Tombstone_of_an_id_from_ahead_outlives_the_time_at_which_it_could_be_reserved()
    {
        var ahead = Ids.Derive(Start + TimeSpan.FromMinutes(10), Guid.Empty, 0);
        var book = HoldBook.Empty.Decide(ahead, posted: false, Start);
        for (var now = Start; now < Start + TimeSpan.FromMinutes(12); now += TimeSpan.FromSeconds(10))
        {
            book = book.Decide(Ids.Derive(now, Guid.Empty, 1), posted: true, now);
            Assert.Equal(HoldStanding.Voided, book.Find(ahead, now));
        }
    }

    [Fact]
    public void Earliest_inquiry_is_that_of_the_oldest_id_though_it_came_last()
    {
        var (older, younger) = (Ids.Derive(Start, Guid.Empty, 0), Ids.Derive(Start + TimeSpan.FromSeconds(20), Guid.Empty, 0));
        var book = HoldBook.Empty.Add(Hold(younger, 20)).Add(Hold(older, 50));
        Assert.Equal(Start + Limits.InquiryAfter, book.NextInquiry);
        Assert.Equal([older], book.Overdue(Start + Limits.InquiryAfter).Select(h => h.Id));
        Assert.Equal([older, younger], book.Overdue(Start + TimeSpan.FromSeconds(80)).Select(h => h.Id));
    }

    [Fact]
    public void Inquiry_that_is_put_off_leaves_the_others_at_their_time_and_is_forgotten_with_its_hold()
    {
        var (older, younger, last) = (Ids.Derive(Start, Guid.Empty, 0), Ids.Derive(Start + TimeSpan.FromSeconds(20), Guid.Empty, 0), Ids.Derive(Start + TimeSpan.FromSeconds(90), Guid.Empty, 0));
        var until = Start + TimeSpan.FromMinutes(10);
        var book = HoldBook.Empty.Add(Hold(older, 0)).Add(Hold(younger, 20)).PutOff(older, until).Add(Hold(last, 90));
        Assert.Equal(Start + TimeSpan.FromSeconds(80), book.NextInquiry);
        Assert.Equal([younger], book.Overdue(Start + TimeSpan.FromSeconds(100)).Select(h => h.Id));
        Assert.Equal([younger, last], book.Overdue(until - TimeSpan.FromSeconds(1)).Select(h => h.Id));
        Assert.Equal([younger, last, older], book.Overdue(until).Select(h => h.Id));

        var (later, ended) = (book.Decide(younger, posted: true, Start).Decide(last, posted: false, Start).PutOff(older, until.AddSeconds(1)), book.Decide(older, posted: true, Start));
        Assert.Equal(until.AddSeconds(1), later.NextInquiry);
        Assert.Empty(later.Overdue(until));
        Assert.Null(later.Decide(older, posted: true, Start).NextInquiry);
        Assert.Null(ended.Inquiries);
        Assert.Equal(Start + TimeSpan.FromSeconds(80), ended.NextInquiry);
    }

    [Fact]
    public void Hold_that_ends_is_not_asked_about_any_more_while_the_inquiry_of_another_is_put_off()
    {
        var (first, second) = (Ids.Derive(Start, Guid.Empty, 0), Ids.Derive(Start + TimeSpan.FromSeconds(20), Guid.Empty, 0));
        var until = Start + TimeSpan.FromMinutes(10);
        var book = HoldBook.Empty.Add(Hold(first, 0)).Add(Hold(second, 20)).PutOff(first, until).PutOff(second, until.AddSeconds(1)).Decide(first, posted: true, Start);
        Assert.Equal(until.AddSeconds(1), book.NextInquiry);
        Assert.Equal([second], book.Overdue(until.AddSeconds(1)).Select(h => h.Id));
    }

    private const int Holds = 6;

    private static Hold Hold(Guid id, int second) => new(id, "default/session/s1", Guid.Empty, ImmutableArray<HoldLine>.Empty, Start + TimeSpan.FromSeconds(second));

    // Holds of a minute, the later ones from ahead of most messages.
    private static Guid IdOf(int hold) => Ids.Derive(Start + TimeSpan.FromSeconds(12 * hold), Guid.Empty, hold);

    // Kinds: 0 reserve, 1 post, 2 void. Delays sum up to minutes, so that every standing is met.
    private static Arbitrary<Message[]> Messages() =>
        (from kind in Gen.Choose(0, 2)
         from hold in Gen.Choose(0, Holds - 1)
         from delay in Gen.Frequency((6, Gen.Choose(0, 2_000)), (1, Gen.Choose(20_000, 70_000)))
         select new Message(kind, hold, delay)).ArrayOf().ToArbitrary();
}
