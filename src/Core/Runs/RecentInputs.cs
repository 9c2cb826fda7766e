using System.Collections;
using Agora.Core.Kernel;

namespace Agora.Core.Runs;

/// <summary>A recent input, for finding duplicates.</summary>
public sealed record RecentInput(string ServiceId, string InputHash, Guid RunId, DateTimeOffset At);

/// <summary>
/// The last <see cref="Limits.DuplicateMemory"/> inputs of a session, in order of time. A value; inside, the states of a session
/// share one buffer as they do an <see cref="OutcomeLog"/>: the newest adds in place, and one beside the line copies first.
/// </summary>
public sealed class RecentInputs : IReadOnlyCollection<RecentInput>
{
    public static readonly RecentInputs None = new(new Buffer(0), 0);

    private readonly Buffer _shared;
    private readonly int _end;

    private RecentInputs(Buffer shared, int end) => (_shared, _end) = (shared, end);

    public int Count => Math.Min(_end, Limits.DuplicateMemory);

    private int Start => _end - Count;

    public static RecentInputs Of(IReadOnlyCollection<RecentInput> oldestFirst) => oldestFirst.Aggregate(None, (inputs, input) => inputs.Add(input));

    public RecentInputs Add(RecentInput input)
    {
        if (_shared.Added == _end && _end < _shared.Inputs.Length)
        {
            _shared.Add(input);
            return new(_shared, _end + 1);
        }

        // Twice the room that it needs, so that most additions copy nothing.
        var own = new Buffer(2 * (Count + 1));
        for (var i = Start; i < _end; i++)
        {
            own.Add(_shared.Inputs[i]);
        }

        own.Add(input);
        return new(own, own.Added);
    }

    public RecentInputs Without(Guid runId) => Of([.. this.Where(i => i.RunId != runId)]);

    /// <summary>The last one with the same input of the same service, if it is younger than that; else null.</summary>
    public RecentInput? Find(string serviceId, string inputHash, DateTimeOffset since)
    {
        var print = Buffer.PrintOf(inputHash);
        for (var i = _end - 1; i >= Start; i--)
        {
            if (_shared.Prints[i] == print && _shared.Inputs[i] is var input && input.InputHash == inputHash && input.ServiceId == serviceId)
            {
                return input.At > since ? input : null;
            }
        }

        return null;
    }

    public IEnumerator<RecentInput> GetEnumerator()
    {
        for (var i = Start; i < _end; i++)
        {
            yield return _shared.Inputs[i];
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private sealed class Buffer(int room)
    {
        public RecentInput[] Inputs { get; } = new RecentInput[room];

        /// <summary>Of the inputs' hashes, side by side: looking for a duplicate passes over the others without touching them.</summary>
        public int[] Prints { get; } = new int[room];

        /// <summary>By the newest state of the line.</summary>
        public int Added { get; private set; }

        public void Add(RecentInput input)
        {
            (Inputs[Added], Prints[Added]) = (input, PrintOf(input.InputHash));
            Added++;
        }

        public static int PrintOf(string inputHash)
        {
            var print = inputHash.Length;
            foreach (var c in inputHash.AsSpan(Math.Max(0, inputHash.Length - 6)))
            {
                print = (print << 5) ^ c;
            }

            return print;
        }
    }
}
