using Agora.Replay.Checking.Books;

namespace Agora.Replay.Checking;

/// <summary>All that ever came into funds and went out of them, by their events.</summary>
internal sealed class FundSums
{
    public long EnteredMicros { get; private set; }

    public long LeftMicros { get; private set; }

    public long SentMicros { get; private set; }

    public long ReceivedMicros { get; private set; }

    public void Add(Book? book)
    {
        switch (book)
        {
            case WalletBook wallet:
                (EnteredMicros, LeftMicros) = (EnteredMicros + wallet.EnteredMicros, LeftMicros + wallet.LeftMicros);
                (SentMicros, ReceivedMicros) = (SentMicros + wallet.SentMicros, ReceivedMicros + wallet.ReceivedMicros);
                break;
            case CampaignBook campaign:
                EnteredMicros += campaign.EnteredMicros;
                (SentMicros, ReceivedMicros) = (SentMicros + campaign.SentMicros, ReceivedMicros + campaign.ReceivedMicros);
                break;
        }
    }
}
