using System.Collections;
using Agora.Core.Kernel;

namespace Agora.Core.Sessions;

/// <summary>A recent input, for finding duplicates.</summary>
public sealed record RecentInput(string ServiceId, string InputHash, Guid RunId, DateTimeOffset At);

/// <summary>
/// The last <see cref="Limits.DuplicateMemory"/> inputs of a session, newest first, as a linked list: one more is one node, and
/// older states share the rest. Nodes beyond the bound are never seen, and cut off when there are as many of them again.
/// </summary>
public sealed class RecentInputs : IReadOnlyCollection<RecentInput>
{
    public static readonly RecentInputs None = new(null, 0);

    private readonly Node? _newest;
    private readonly int _nodes;

    private RecentInputs(Node? newest, int nodes) => (_newest, _nodes) = (newest, nodes);

    public int Count => Math.Min(_nodes, Limits.DuplicateMemory);

    /// <param name="newestFirst">As they are enumerated.</param>
    public static RecentInputs Of(IReadOnlyList<RecentInput> newestFirst)
    {
        Node? newest = null;
        for (var i = newestFirst.Count - 1; i >= 0; i--)
        {
            newest = new(newestFirst[i], newest);
        }

        return new(newest, newestFirst.Count);
    }

    public RecentInputs Add(RecentInput input)
    {
        var kept = _nodes < 2 * Limits.DuplicateMemory ? this : Of([.. this]);
        return new(new(input, kept._newest), kept._nodes + 1);
    }

    public RecentInputs Without(Guid runId) => Of([.. this.Where(i => i.RunId != runId)]);

    /// <summary>The same input of the same service since then, or null.</summary>
    public RecentInput? Find(string serviceId, string inputHash, DateTimeOffset since)
    {
        var (left, print) = (Count, Node.PrintOf(inputHash));
        for (var node = _newest; node is not null && left > 0 && node.At > since; node = node.Older, left--)
        {
            if (node.Print == print && node.Input.ServiceId == serviceId && node.Input.InputHash == inputHash)
            {
                return node.Input;
            }
        }

        return null;
    }

    public IEnumerator<RecentInput> GetEnumerator()
    {
        var left = Count;
        for (var node = _newest; node is not null && left > 0; node = node.Older, left--)
        {
            yield return node.Input;
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private sealed class Node(RecentInput input, Node? older)
    {
        public RecentInput Input { get; } = input;

        public DateTimeOffset At { get; } = input.At;

        /// <summary>Of the hash, so that other inputs are passed over without a look at them.</summary>
        public int Print { get; } = PrintOf(input.InputHash);

        public Node? Older { get; } = older;

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
