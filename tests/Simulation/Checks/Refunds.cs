using Agora.Core.Funds;
using Agora.Core.Refunds;
using Agora.Core.Runs;
using Agora.Core.Sessions;
using Agora.Core.Users;
using Agora.Core.Wallets;

namespace Agora.Simulation.Checks;

/// <summary>
/// What is given back of payments. Never more than was paid, the platform's part its share of the whole, rounded down; no limit counts more back than was
/// given back of what it had counted. At rest each limit that had bound the payment has counted all of it, provider and platform have each paid their parts, and
/// what was refused has moved nothing.
/// </summary>
public sealed class Refunds(Findings findings) : IChecker
{
    private readonly List<PaymentFacts> _payments = [];
    private readonly HashSet<PaymentFacts> _made = [];
    private readonly HashSet<PaymentFacts> _unseen = [];
    private readonly Dictionary<string, PaymentFacts> _asked = new(StringComparer.Ordinal);
    private readonly SortedDictionary<Guid, Book> _books = [];
    private readonly Dictionary<string, SessionEvent.Begun> _sessions = new(StringComparer.Ordinal);
    private readonly SortedDictionary<Guid, RefundEvent.Accepted> _accepted = [];
    private readonly SortedDictionary<Guid, long> _paid = [];
    private readonly HashSet<Guid> _refused = [];
    private readonly HashSet<Guid> _told = [];

    /// <summary>All that could be given back.</summary>
    public IReadOnlyList<PaymentFacts> Payments => _payments;

    public int Accepted => _accepted.Count;

    public void Happened(Committed committed)
    {
        switch (committed.Event)
        {
            case SessionEvent.Begun e:
                _sessions[committed.Stream.Id] = e;
                break;
            case RunEvent.Concluded { Posted: true, Payment: { AmountMicros: > 0 } payment } e:
                var session = _sessions[committed.Stream.Id];
                _payments.Add(new(
                    payment.PaymentId.ToString("D"), committed.Stream.Id, e.RunId, session.UserId, session.AgentId, payment.PayerKind, payment.PayerId, e.Run.Provider, payment.AmountMicros,
                    payment.FeeMicros, payment.Nodes));
                _made.Add(_payments[^1]);
                break;
            case RefundEvent.Requested e:
                findings.Expect(e.Payment.PayerKind != PayerKinds.Nobody || (e.ProviderHold ?? e.FeeHold) is null, $"Of payment {e.Payment.PaymentId}, which no fund made, a wallet is asked.");
                BookOf(e.Payment.RunId).Payment = e.Payment;
                _asked[e.Payment.PaymentId] = e.Payment;
                _unseen.Add(e.Payment);
                break;
            case RefundEvent.Accepted e:
                Accept(e);
                break;
            case RefundEvent.Refused e:
                _refused.Add(e.RefundId);
                break;
            case SessionEvent.RefundTaken e:
                Told(committed, e.TellId);
                BookOf(e.RunId).Take($"session/{committed.Stream.Id}", e.AmountMicros);
                break;
            case UserEvent.RefundTaken e:
                Told(committed, e.TellId);
                foreach (var account in e.Accounts.Split(' ')) BookOf(e.RunId).Take($"user/{committed.Stream.Id}/{account}", e.AmountMicros);
                break;
            case WalletEvent.HoldPosted e:
                _paid[e.RunId] = _paid.GetValueOrDefault(e.RunId) + e.AmountMicros;
                break;
        }
    }

    public void Point()
    {
        findings.Expect(_unseen.RemoveWhere(_made.Contains) >= 0 && _unseen.Count == 0, "A payment is given back that no session has made like this.");
        foreach (var (run, book) in _books)
        {
            findings.Expect(book.Taken.Values.All(taken => taken <= book.Back), $"Of run {run}, {book.Back} was given back, and counted as {string.Join(", ", book.Taken)}.");
        }
    }

    public void Rest()
    {
        foreach (var (run, book) in _books.Where(b => b.Value.Back > 0))
        {
            var nodes = (book.Payment!.Nodes ?? $"session/{book.Payment.SessionId}").Split(' ');
            findings.Expect(
                nodes.Length == book.Taken.Count && nodes.All(node => book.Taken.GetValueOrDefault(node) == book.Back),
                $"Of run {run}, {book.Back} was given back to {string.Join(", ", nodes)}, and counted as {string.Join(", ", book.Taken)}.");
        }

        findings.Expect(_accepted.All(a => _paid.GetValueOrDefault(a.Key) == (_asked[a.Value.View.PaymentId].PayerKind == PayerKinds.Nobody ? 0 : a.Value.View.AmountMicros)), "Provider and platform did not pay what was given back.");
        findings.Expect(!_refused.Any(_paid.ContainsKey), "Something was paid for a refund that was refused.");
    }

    private void Accept(RefundEvent.Accepted e)
    {
        var payment = _asked[e.View.PaymentId];
        findings.Expect(_accepted.TryAdd(e.View.RefundId, e), $"Refund {e.View.RefundId} is accepted twice.");
        var book = BookOf(payment.RunId);
        book.Back += e.View.AmountMicros;
        book.Fee += e.View.FeeMicros;
        findings.Expect(book.Back <= payment.AmountMicros && e.View.RefundedMicros == book.Back, $"Of payment {e.View.PaymentId} of {payment.AmountMicros}, {book.Back} was given back, and told as {e.View.RefundedMicros}.");
        findings.Expect(book.Fee == payment.FeeMicros * book.Back / payment.AmountMicros, $"Of payment {e.View.PaymentId} the platform gave back {book.Fee} of {book.Back}.");
    }

    private void Told(Committed committed, Guid tellId) => findings.Expect(_told.Add(tellId), $"{committed.Stream} counts refund {tellId} twice (#{committed.Seq}).");

    private Book BookOf(Guid run)
    {
        if (!_books.TryGetValue(run, out var book))
        {
            _books.Add(run, book = new());
        }

        return book;
    }

    private sealed class Book
    {
        public PaymentFacts? Payment { get; set; }

        public long Back { get; set; }

        public long Fee { get; set; }

        /// <summary>By the limits' names, as payments have them.</summary>
        public SortedDictionary<string, long> Taken { get; } = new(StringComparer.Ordinal);

        public void Take(string node, long amount) => Taken[node] = Taken.GetValueOrDefault(node) + amount;
    }
}
