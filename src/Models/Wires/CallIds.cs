using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Agora.Models.Wires;

/// <summary>
/// Fits ids of tool calls to one provider (ADR 0112). A conversation that began with another maker's model has ids that this provider refuses, and some servers reuse an id in a later turn. So each call gets a unique id that fits, and each
/// result the id of its call. An id that fits and is not taken stays. Any other is replaced by one derived from it and from earlier items only, so that the provider's cache of the beginning stays valid.
/// </summary>
/// <param name="Most">The most characters of an id.</param>
/// <param name="IsPlain">Only ASCII letters, digits, _ and - are accepted.</param>
internal sealed record CallIds(int Most, bool IsPlain)
{
    /// <summary>Characters of a derived id, all of them ASCII.</summary>
    public const int DerivedLength = 21;

    /// <summary>OpenAI refuses longer ids in tool_calls[].id.</summary>
    public static CallIds OfChat { get; } = new(40, IsPlain: false);

    /// <summary>OpenAI refuses longer ids in call_id.</summary>
    public static CallIds OfResponses { get; } = new(64, IsPlain: false);

    /// <summary>Anthropic refuses other characters (^[a-zA-Z0-9_-]+$) and a repeated id in one request.</summary>
    public static CallIds OfMessages { get; } = new(64, IsPlain: true);

    /// <summary>Google and compatible servers accept any id that is unique in the request.</summary>
    public static CallIds Unique { get; } = new(int.MaxValue, IsPlain: false);

    public IReadOnlyList<Item> Fit(IReadOnlyList<Item> items)
    {
        Item[]? fitted = null;
        var (taken, uses) = (new HashSet<string>(StringComparer.Ordinal), new Dictionary<string, Uses>(StringComparer.Ordinal));
        var (turn, isCalling) = (0, false);
        for (var i = 0; i < items.Count; i++)
        {
            switch (items[i])
            {
                case Item.ToolCall call:
                    turn += isCalling ? 0 : 1;
                    isCalling = true;
                    Keep(i, call, call.CallId, UsesOf(call.CallId).Call(turn, number => Own(call.CallId, number, taken)));
                    break;
                case Item.ToolResult result:
                    isCalling = false;
                    Keep(i, result, result.CallId, UsesOf(result.CallId).Result() ?? Own(result.CallId, 0, []));
                    break;
                case Item.Message { Role: not Role.Assistant }:
                    isCalling = false;
                    break;
            }
        }

        return fitted ?? items;

        Uses UsesOf(string id) => uses.TryGetValue(id, out var known) ? known : uses[id] = new();

        void Keep(int at, Item item, string id, string own)
        {
            if (own == id) return;

            fitted ??= [.. items];
            fitted[at] = item is Item.ToolCall call ? call with { CallId = own } : (Item.ToolResult)item with { CallId = own };
        }
    }

    /// <param name="number">Which use of this id it is, from 0 on.</param>
    private string Own(string id, int number, HashSet<string> taken)
    {
        if (number == 0 && Fits(id) && taken.Add(id)) return id;

        for (var attempt = 0; ; attempt++)
        {
            var derived = $"call_{Base64Url.EncodeToString(SHA256.HashData(Encoding.UTF8.GetBytes($"{number} {attempt} {id}")).AsSpan(0, 12))}";
            if (taken.Add(derived)) return derived;
        }
    }

    private bool Fits(string id) => id.Length <= Most && (!IsPlain || id.All(static c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-'));

    /// <summary>The calls that have one id at the client.</summary>
    private sealed class Uses
    {
        private readonly Queue<string> _waiting = [];
        private int _count;
        private int _turn;
        private string? _last;

        public string Call(int turn, Func<int, string> own)
        {
            // A result belongs to a call of the latest turn: calls of earlier turns that are still without a result no longer wait.
            if (turn != _turn)
            {
                _waiting.Clear();
                _turn = turn;
            }

            _last = own(_count++);
            _waiting.Enqueue(_last);
            return _last;
        }

        /// <returns>Null if no call with this id precedes the result.</returns>
        public string? Result() => _waiting.TryDequeue(out var own) ? own : _last;
    }
}
