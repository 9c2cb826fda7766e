using System.Diagnostics;
using System.Text;

namespace Agora.Models;

/// <summary>Makes a whole reply of the events of a stream; at any moment it is what came so far.</summary>
public sealed class ReplyBuilder
{
    private readonly SortedDictionary<int, Growing> _items = [];
    private string? _providerId;
    private string? _model;
    private string? _tier;
    private Usage? _usage;
    private ModelEvent.Ended? _ended;
    private ProviderFault? _fault;

    /// <exception cref="InvalidDataException">They contradict themselves.</exception>
    public static ModelReply Of(IEnumerable<ModelEvent> events)
    {
        var builder = new ReplyBuilder();
        foreach (var said in events)
        {
            builder.Add(said);
        }

        return builder.Reply();
    }

    /// <summary>Text, arguments or reasoning came: from here on a client has seen something that cannot be taken back.</summary>
    public bool IsVisible { get; private set; }

    public Usage? Usage => _usage;

    public string? ProviderId => _providerId;

    public bool HasEnded => _ended is not null;

    /// <exception cref="InvalidDataException">The stream contradicts itself: an item that was not begun, or begun twice.</exception>
    public void Add(ModelEvent said)
    {
        switch (said)
        {
            case ModelEvent.Started e:
                (_providerId, _model) = (e.ProviderId ?? _providerId, e.Model ?? _model);
                break;
            case ModelEvent.Began e:
                if (!_items.TryAdd(e.Index, new(e.Item))) throw new InvalidDataException($"Item {e.Index} is begun twice.");
                break;
            case ModelEvent.TextAdded e:
                Of(e.Index).Part(e.Part, isRefusal: false).Append(e.Text);
                IsVisible = true;
                break;
            case ModelEvent.RefusalAdded e:
                Of(e.Index).Part(e.Part, isRefusal: true).Append(e.Text);
                IsVisible = true;
                break;
            case ModelEvent.ArgumentsAdded e:
                Of(e.Index).Text.Append(e.Text);
                IsVisible = true;
                break;
            case ModelEvent.ReasoningAdded e:
                Of(e.Index).Text.Append(e.Text);
                IsVisible = true;
                break;
            case ModelEvent.SummaryAdded e:
                Of(e.Index).Part(e.Part, isRefusal: false).Append(e.Text);
                IsVisible = true;
                break;
            case ModelEvent.Sealed e:
                Of(e.Index).Seal = e.Seal;
                break;
            case ModelEvent.Completed:
                break;
            case ModelEvent.Counted e:
                _usage = e.Usage;
                break;
            case ModelEvent.Tiered e:
                _tier = e.ServiceTier;
                break;
            case ModelEvent.Ended e:
                _ended = e;
                break;
            case ModelEvent.Failed e:
                _fault = e.Fault;
                break;
            default:
                throw new UnreachableException(said.GetType().Name);
        }
    }

    public ModelReply Reply() => new(_providerId, _model, [.. _items.Values.Select(item => item.Build())], _usage, _ended?.Finish, _ended?.StopSequence, _tier, _fault) { CompletedAt = _ended?.At };

    private Growing Of(int index) => _items.GetValueOrDefault(index) ?? throw new InvalidDataException($"Item {index} was not begun.");

    private sealed class Growing(Item begun)
    {
        private readonly SortedDictionary<int, (bool IsRefusal, StringBuilder Text)> _parts = [];

        public StringBuilder Text { get; } = new();

        public Seal? Seal { get; set; }

        public StringBuilder Part(int number, bool isRefusal)
        {
            if (!_parts.TryGetValue(number, out var part))
            {
                _parts[number] = part = (isRefusal, new());
            }

            return part.Text;
        }

        public Item Build() => begun switch
        {
            Item.Message m => m with { Parts = [.. _parts.Values.Select(part => part.IsRefusal ? (Part)new Models.Part.Refusal(part.Text.ToString()) : new Models.Part.Text(part.Text.ToString()))] },
            Item.ToolCall c => c with { Arguments = c.Arguments + Text, Seal = Seal ?? c.Seal },
            Item.Reasoning r => r with { Summary = [.. _parts.Values.Select(part => part.Text.ToString())], Text = r.Text + Text, Seal = Seal ?? r.Seal },
            _ => throw new UnreachableException(begun.GetType().Name),
        };
    }
}
