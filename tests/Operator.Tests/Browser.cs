using System.Net;
using AngleSharp.Html.Dom;
using AngleSharp.Html.Parser;

namespace Agora.Operator.Tests;

/// <summary>As much of a browser as has no script: it keeps the cookie, follows redirects and sends forms as they stand.</summary>
public sealed class Browser(HttpClient http, string? language, string? accept = null)
{
    private static readonly HtmlParser Parser = new();

    public string? Cookie { get; set; }

    public HttpStatusCode Status { get; private set; }

    public string Address { get; private set; } = "";

    public string Html { get; private set; } = "";

    public IHtmlDocument Page { get; private set; } = null!;

    public HttpResponseMessage Answer { get; private set; } = null!;

    public string Text => Page.Body!.TextContent;

    public Task Open(string address) => Go(new(HttpMethod.Get, address));

    /// <summary>The form that does this act, or goes to this address.</summary>
    public IHtmlFormElement Form(string actOrAction) => Page.Forms.First(form => form.GetAttribute("action") == actOrAction || form.QuerySelector($"input[name=act][value='{actOrAction}']") is not null);

    public bool Offers(string act) => Page.QuerySelector($"input[name=act][value={act}]") is not null;

    public static List<KeyValuePair<string, string>> Fields(IHtmlFormElement form, params (string Name, string Value)[] filled)
    {
        var fields = form.QuerySelectorAll("input, textarea, select").Select(field => (Name: field.GetAttribute("name")!, Value: (field as IHtmlTextAreaElement)?.Value ?? (field as IHtmlSelectElement)?.Value ?? field.GetAttribute("value") ?? "")).ToList();
        Assert.All(filled, field => Assert.Contains(fields, one => one.Name == field.Name));
        return [.. fields.Select(field => KeyValuePair.Create(field.Name, filled.FirstOrDefault(one => one.Name == field.Name) is { Name: not null } given ? given.Value : field.Value))];
    }

    public Task Send(IHtmlFormElement form, params (string Name, string Value)[] filled) => Send(form, Fields(form, filled));

    public Task Send(IHtmlFormElement form, List<KeyValuePair<string, string>> fields, params (string Name, string Value)[] headers)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, form.GetAttribute("action")) { Content = new FormUrlEncodedContent(fields) };
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return Go(request);
    }

    private async Task Go(HttpRequestMessage request)
    {
        while (true)
        {
            if (Cookie is not null)
            {
                request.Headers.Add("Cookie", $"__Host-agora={Cookie}");
            }

            if (language is not null)
            {
                request.Headers.AcceptLanguage.ParseAdd(language);
            }

            if (accept is not null)
            {
                request.Headers.TryAddWithoutValidation("Accept", accept);
            }

            Answer = await http.SendAsync(request);
            if (Answer.Headers.TryGetValues("Set-Cookie", out var cookies) && cookies.FirstOrDefault(cookie => cookie.StartsWith("__Host-agora=", StringComparison.Ordinal)) is { } set)
            {
                Cookie = set.Split(';')[0]["__Host-agora=".Length..] is { Length: > 0 } value ? value : null;
            }

            if (Answer.StatusCode != HttpStatusCode.SeeOther) break;

            request = new(HttpMethod.Get, Answer.Headers.Location);
        }

        (Status, Address, Html) = (Answer.StatusCode, request.RequestUri!.IsAbsoluteUri ? request.RequestUri.PathAndQuery : request.RequestUri.ToString(), await Answer.Content.ReadAsStringAsync());
        Page = Parser.ParseDocument(Html);
        if (Answer.Content.Headers.ContentType?.MediaType == "text/html")
        {
            Assert.StartsWith("<!DOCTYPE html>", Html, StringComparison.Ordinal); // a browser shows what stands before it, and leaves its standards mode (the HTML standard, section 13.2.6.4.1)
        }
    }
}
