using System.Globalization;
using Agora.Core.Campaigns;

namespace Agora.Replay.Checking.Books;

/// <summary>
/// A campaign's money: funded + given back = remaining + held + owed, always. No escrow, day's cap, price or number of completions is exceeded; its transfers to a wallet are numbered without gap and come to
/// no more than that earned.
/// </summary>
public sealed class CampaignBook(string id, Action<string> broken) : Book(broken)
{
    private readonly Dictionary<Guid, CampaignEvent.HoldReserved> _holds = [];
    private readonly Dictionary<Guid, long> _rewards = [];
    private readonly Dictionary<string, long> _days = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, long> _owed = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (long Number, long Micros)> _sent = new(StringComparer.Ordinal);
    private CampaignDefinition? _definition;
    private bool _closed;
    private bool _hasReleased; // A wallet that it had paid remembers it no more.
    private long _remaining;

    public string Id => id;

    public long EnteredMicros { get; private set; }

    public long SentMicros { get; private set; }

    /// <summary>By refunds.</summary>
    public long ReceivedMicros { get; private set; }

    public long Completions { get; private set; }

    /// <summary>By wallet: all that it ever owed.</summary>
    public IReadOnlyDictionary<string, long> Owed => _owed;

    /// <summary>Null: nothing is held.</summary>
    public Guid? Holds => _holds.Count == 0 ? null : _holds.Keys.First();

    public override void Happened(Committed committed)
    {
        if (committed.Event is not CampaignEvent happened) return;

        Apply(happened, committed.At);
        Expect(_remaining >= 0, $"Campaign {id} has overspent its escrow by {-_remaining} (#{committed.Seq}).");
    }

    private void Apply(CampaignEvent happened, DateTimeOffset at)
    {
        switch (happened)
        {
            case CampaignEvent.DefinitionPut e:
                _definition = e.View.Definition;
                break;
            case CampaignEvent.Funded e:
                EnteredMicros += e.AmountMicros;
                _remaining += e.AmountMicros;
                Expect(e.View.Escrow.RemainingMicros == _remaining, $"Campaign {id} tells {e.View.Escrow.RemainingMicros} remaining; it is {_remaining}.");
                break;
            case CampaignEvent.Closed:
                _closed = true;
                ReturnLeft();
                break;
            case CampaignEvent.HoldReserved e:
                Reserve(e, at);
                break;
            case CampaignEvent.HoldPosted e:
                Post(e);
                break;
            case CampaignEvent.HoldVoided e:
                Release(e.HoldId, 0);
                ReturnLeft();
                _hasReleased |= e.ReleasedPayee is not null;
                break;
            case CampaignEvent.TransferSent e:
                Send(e);
                break;
            case CampaignEvent.Credited e:
                ReceivedMicros += e.AmountMicros;
                _remaining += e.AmountMicros;
                ReturnLeft();
                break;
            case CampaignEvent.CompletionCounted e:
                Completions++;
                Count(e);
                Expect(!(Completions > _definition?.MaxCompletions), $"Campaign {id} counts {Completions} completions of {_definition?.MaxCompletions}.");
                break;
            case CampaignEvent.CompletionUncounted e:
                Completions -= e.Counted ? 1 : 0;
                LetGo(e.CompletionId);
                ReturnLeft();
                break;
            case CampaignEvent.RewardClaimed e:
                HoldReward(e.ClaimId, e.Reward.AmountMicros);
                break;
            case CampaignEvent.RewardReturned e:
                LetGo(e.View.CompletionId);
                ReturnLeft();
                break;
            case CampaignEvent.RewardPaid e:
                LetGo(e.View.CompletionId);
                Owe($"agent:{e.View.AgentId}", e.View.AmountMicros);
                break;
        }
    }

    private void Reserve(CampaignEvent.HoldReserved e, DateTimeOffset at)
    {
        var today = at.UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        var covered = _definition?.Services.FirstOrDefault(s => s.ServiceId == e.ServiceId);
        Expect(!_closed && _definition?.Active == true, $"Campaign {id} pays though it is closed or inactive.");
        Expect(covered is not null && !(e.AmountMicros > covered.MaxPriceMicros), $"Campaign {id} pays {e.AmountMicros} for {e.ServiceId}.");
        Expect(e.Day == today, $"Campaign {id} counts a hold of {today} against {e.Day}.");
        Expect(_holds.TryAdd(e.HoldId, e), $"Hold {e.HoldId} is reserved at campaign {id} twice.");
        _remaining -= e.AmountMicros;
        _days[e.Day] = _days.GetValueOrDefault(e.Day) + e.AmountMicros;
        Expect(!(_days[e.Day] > _definition?.DailyCapMicros), $"Campaign {id} spends {_days[e.Day]} on {e.Day}; its cap is {_definition?.DailyCapMicros}.");
    }

    private void Post(CampaignEvent.HoldPosted e)
    {
        if (Release(e.HoldId, e.AmountMicros) is not { } hold) return;

        Expect(e.AmountMicros <= hold.AmountMicros, $"Hold {e.HoldId} is posted at campaign {id} for {e.AmountMicros} with {hold.AmountMicros} held.");
        var fee = e.AmountMicros * hold.FeeBasisPoints / 10_000;
        Owe(hold.Provider, e.AmountMicros - fee);
        Owe("fee", fee);
        ReturnLeft();
    }

    private void Send(CampaignEvent.TransferSent e)
    {
        // A wallet that was released is forgotten, and what begins after that has a number that none of the forgotten ones had.
        var (last, before) = _sent.GetValueOrDefault(e.Wallet);
        Expect(e.Number == last + 1 || (_hasReleased && e.Number > last), $"Campaign {id} sends transfer {e.Number} to {e.Wallet} after {last}.");
        _sent[e.Wallet] = (e.Number, before + e.AmountMicros);
        SentMicros += e.AmountMicros;
        Expect(before + e.AmountMicros <= _owed.GetValueOrDefault(e.Wallet), $"Campaign {id} sends {before + e.AmountMicros} to {e.Wallet}, which earned {_owed.GetValueOrDefault(e.Wallet)}.");
    }

    private void Count(CampaignEvent.CompletionCounted e)
    {
        if (e.ClaimId is { } claim)
        {
            LetGo(claim);
        }

        if (e.Reward is { } reward)
        {
            HoldReward(e.CompletionId, reward.AmountMicros);
        }
    }

    private void HoldReward(Guid reward, long amount)
    {
        LetGo(reward);
        _rewards[reward] = amount;
        _remaining -= amount;
    }

    private void LetGo(Guid reward)
    {
        if (_rewards.Remove(reward, out var amount))
        {
            _remaining += amount;
        }
    }

    private CampaignEvent.HoldReserved? Release(Guid holdId, long spent)
    {
        if (!_holds.Remove(holdId, out var hold)) return null;

        _days[hold.Day] -= hold.AmountMicros - spent;
        _remaining += hold.AmountMicros;
        return hold;
    }

    private void ReturnLeft()
    {
        if (_closed)
        {
            Owe("sponsor:" + id, _remaining);
        }
    }

    private void Owe(string wallet, long amount)
    {
        if (amount > 0)
        {
            _owed[wallet] = _owed.GetValueOrDefault(wallet) + amount;
            _remaining -= amount;
        }
    }
}
