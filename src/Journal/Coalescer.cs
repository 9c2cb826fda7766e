namespace Agora.Journal;

/// <summary>
/// Answers questions that come at about the same time together. One that comes while nothing is asked is asked at once; what comes meanwhile waits and goes with the next, so the busier it is the
/// fewer statements there are. Nobody waits for company.
/// <para>Bounds: <paramref name="lanes"/> statements at a time, each of <paramref name="most"/> questions.</para>
/// </summary>
/// <param name="answer">An answer a question, in their order. What it throws, everyone in it gets.</param>
internal sealed class Coalescer<TQuestion, TAnswer>(int lanes, int most, Func<IReadOnlyList<TQuestion>, Task<IReadOnlyList<TAnswer>>> answer)
{
    private readonly Lock _gate = new();
    private readonly Queue<Asked> _waiting = new();
    private int _underWay;

    public Task<TAnswer> Ask(TQuestion question)
    {
        var asked = new Asked(question);
        lock (_gate)
        {
            _waiting.Enqueue(asked);
            if (_underWay == lanes) return asked.Task;

            _underWay++;
        }

        _ = Run();
        return asked.Task;
    }

    private async Task Run()
    {
        while (Next() is { Length: > 0 } asked)
        {
            try
            {
                var answers = await answer(Array.ConvertAll(asked, static a => a.Question));
                for (var i = 0; i < asked.Length; i++) asked[i].SetResult(answers[i]);
            }
            catch (Exception failed)
            {
                foreach (var one in asked) one.TrySetException(failed);
            }
        }
    }

    private Asked[] Next()
    {
        lock (_gate)
        {
            var next = new Asked[Math.Min(_waiting.Count, most)];
            for (var i = 0; i < next.Length; i++) next[i] = _waiting.Dequeue();
            _underWay -= next.Length == 0 ? 1 : 0;
            return next;
        }
    }

    // Whoever asked goes on by itself: the next statement does not wait for what it does.
    private sealed class Asked(TQuestion question) : TaskCompletionSource<TAnswer>(TaskCreationOptions.RunContinuationsAsynchronously)
    {
        public TQuestion Question => question;
    }
}
