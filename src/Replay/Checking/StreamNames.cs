using System.Runtime.CompilerServices;
using Agora.Journal;

namespace Agora.Replay.Checking;

/// <summary>Names of streams by their place in the order. One name a page is in memory; the others are read again.</summary>
internal sealed class StreamNames(IJournal journal, int page)
{
    private readonly List<string?> _before = [null];

    public async Task<long> Count(CancellationToken cancel)
    {
        for (var count = 0L; ;)
        {
            var names = await journal.Streams("", _before[^1], page, cancel);
            count += names.Count;
            if (names.Count < page) return count;
            _before.Add(names[^1]);
        }
    }

    public async IAsyncEnumerable<string> All([EnumeratorCancellation] CancellationToken cancel)
    {
        foreach (var before in _before)
        {
            foreach (var name in await journal.Streams("", before, page, cancel)) yield return name;
        }
    }

    public async Task<string> Of(int number, CancellationToken cancel) => (await journal.Streams("", _before[number / page], page, cancel))[number % page];
}
