using Agora.Journal.Tests.Fakes;

namespace Agora.Journal.Tests;

public sealed class CoalescerTests
{
    private readonly List<(IReadOnlyList<int> Asked, TaskCompletionSource<IReadOnlyList<string>> Answer)> _statements = [];

    [Fact]
    public async Task What_comes_while_all_lanes_are_taken_goes_with_the_next_statement_and_no_more_than_fits()
    {
        var coalescer = Coalescer(lanes: 2, most: 3);
        var asked = Enumerable.Range(0, 7).Select(coalescer.Ask).ToList();
        Assert.Equal([[0], [1]], Asked);

        Answer(1);
        Assert.Equal("1", await asked[1].Soon());
        Answer(2);
        Assert.Equal(["2", "3", "4"], await Task.WhenAll(asked[2..5]).Soon());
        Assert.Equal([[0], [1], [2, 3, 4], [5, 6]], Asked);

        Answer(0);
        Answer(3);
        Assert.Equal(["0", "5", "6"], await Task.WhenAll([asked[0], .. asked[5..]]).Soon());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_statement_that_fails_fails_those_in_it_alone_whatever_it_fails_of(bool isDefect)
    {
        Exception error = isDefect ? new InvalidOperationException("a defect") : new JournalUnavailableException("away");
        var coalescer = Coalescer(lanes: 1, most: 2);
        var asked = Enumerable.Range(0, 4).Select(coalescer.Ask).ToList();

        Answer(0);
        _statements[1].Answer.SetException(error);
        foreach (var failed in asked[1..3]) Assert.Same(error, await Assert.ThrowsAnyAsync<Exception>(() => failed.Soon()));
        Answer(2);
        Assert.Equal("3", await asked[3].Soon());
    }

    [Fact]
    public async Task One_that_comes_when_nothing_is_asked_is_asked_at_once()
    {
        var coalescer = Coalescer(lanes: 1, most: 2);
        for (var n = 0; n < 3; n++)
        {
            var asked = coalescer.Ask(n);
            Answer(n);
            Assert.Equal($"{n}", await asked.Soon());
        }

        Assert.Equal([[0], [1], [2]], Asked);
    }

    [Fact]
    public async Task The_next_statement_does_not_wait_for_what_is_done_with_an_answer()
    {
        var coalescer = Coalescer(lanes: 1, most: 1);
        var asked = Enumerable.Range(0, 2).Select(coalescer.Ask).ToList();
        using var goesOn = new ManualResetEventSlim();
        var work = asked[0].ContinueWith(_ => goesOn.Wait(TimeSpan.FromSeconds(10)), default, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);

        Answer(0);
        Assert.Equal([[0], [1]], Asked);
        goesOn.Set();
        Assert.True(await work.Soon());
    }

    private IEnumerable<IReadOnlyList<int>> Asked => _statements.Select(s => s.Asked);

    private Coalescer<int, string> Coalescer(int lanes, int most) => new(lanes, most, asked =>
    {
        _statements.Add((asked, new()));
        return _statements[^1].Answer.Task;
    });

    // What follows an answer has been asked when this returns: the statements' tasks go on where they are completed.
    private void Answer(int statement) => _statements[statement].Answer.SetResult([.. _statements[statement].Asked.Select(n => $"{n}")]);
}
