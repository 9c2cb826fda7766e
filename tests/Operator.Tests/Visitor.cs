using System.Net;
using AngleSharp.Html.Dom;
using AngleSharp.Html.Parser;
using Microsoft.Net.Http.Headers;

namespace Agora.Operator.Tests;

/// <summary>A browser without a script that goes from site to site: it keeps each one's cookies and follows redirects, until one leads to <paramref name="halt"/>.</summary>
internal sealed class Visitor(HttpClient http, string halt, string? language = null)
{
    private static readonly HtmlParser Parser = new();
    private readonly Dictionary<(string Site, string Name), string> _cookies = [];

    public Uri Address { get; private set; } = http.BaseAddress!;

    public HttpStatusCode Status { get; private set; }

    public IHtmlDocument Page { get; private set; } = null!;

    public HttpResponseMessage Answer { get; private set; } = null!;

    /// <summary>Where it was to be led, and did not go.</summary>
    public Uri? Halted { get; private set; }

    public string Text => Page.Body!.TextContent;

    public string? this[string cookie]
    {
        get => _cookies.GetValueOrDefault((http.BaseAddress!.Authority, cookie));
        set
        {
            if (value is null)
            {
                _cookies.Remove((http.BaseAddress!.Authority, cookie));
            }
            else
            {
                _cookies[(http.BaseAddress!.Authority, cookie)] = value;
            }
        }
    }

    public Task Open(string address) => Go(new(HttpMethod.Get, new Uri(Address, address)));

    public Task Send(IHtmlFormElement form, params (string Name, string Value)[] filled) => Send(form, Browser.Fields(form, filled));

    public Task Send(IHtmlFormElement form, IEnumerable<KeyValuePair<string, string>> fields) =>
        Go(new(HttpMethod.Post, new Uri(Address, form.GetAttribute("action"))) { Content = new FormUrlEncodedContent(fields) });

    private async Task Go(HttpRequestMessage request)
    {
        Halted = null;
        for (var hops = 0; ; hops++)
        {
            Assert.True(hops < 20, $"{request.RequestUri} leads in circles.");
            Address = request.RequestUri!;
            if (string.Join("; ", _cookies.Where(cookie => cookie.Key.Site == Address.Authority).Select(static cookie => $"{cookie.Key.Name}={cookie.Value}")) is { Length: > 0 } cookies)
            {
                request.Headers.Add("Cookie", cookies);
            }

            if (language is not null)
            {
                request.Headers.AcceptLanguage.ParseAdd(language);
            }

            Answer = await http.SendAsync(request);
            Keep();
            if ((int)Answer.StatusCode is < 301 or > 303) break;

            request = new(HttpMethod.Get, new Uri(Address, Answer.Headers.Location!));
            if (request.RequestUri!.AbsolutePath == halt && Address.Authority != http.BaseAddress!.Authority)
            {
                Halted = request.RequestUri;
                return;
            }
        }

        Status = Answer.StatusCode;
        Page = Parser.ParseDocument(await Answer.Content.ReadAsStringAsync());
    }

    private void Keep()
    {
        if (!Answer.Headers.TryGetValues("Set-Cookie", out var all)) return;

        foreach (var cookie in SetCookieHeaderValue.ParseList([.. all]))
        {
            var key = (Address.Authority, cookie.Name.ToString());
            if (cookie.Expires < DateTimeOffset.UtcNow || cookie.Value.Length == 0)
            {
                _cookies.Remove(key);
            }
            else
            {
                _cookies[key] = cookie.Value.ToString();
            }
        }
    }
}
